/** What stands at the stand-in of this service; everything is forgotten by `reset`. */
export class ZohoWorld {
  reset(): void {}
}
