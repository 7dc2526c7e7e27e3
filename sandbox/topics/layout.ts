import { escapeHtml } from "../http/html";

/** The frame of every page of the stand-in, in the manner of the ASP.NET template. The notice is ours: nobody shall take it for a court's. */
export const layout = (base: string, title: string, body: string): string => `<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8" />
  <meta name="viewport" content="width=device-width, initial-scale=1.0" />
  <title>${escapeHtml(title)} - TOPICs (sandbox)</title>
  <link rel="stylesheet" href="${base}/Content/site.css" />
</head>
<body>
  <div class="sandbox-notice" role="note"><b>Sandbox.</b> Not a court's site. Every person and every case here is invented.</div>
  <div class="navbar"><div class="container"><a class="navbar-brand" href="${base}/BailPublic">TOPICs</a></div></div>
  <div class="container body-content">
    ${body}
    <hr />
    <footer><p>Texas Online Public Information - Courts, as a local stand-in. <a href="/">About this sandbox</a></p></footer>
  </div>
</body>
</html>
`;

/** Plain Bootstrap-like looks, enough to read the pages comfortably. */
export const SITE_CSS = `
* { box-sizing: border-box }
body { margin: 0; font: 15px/1.5 system-ui, "Segoe UI", Roboto, sans-serif; color: #22303c; background: #fff }
a { color: #116080 }
.sandbox-notice { padding: 6px 20px; font-size: 13px; border-bottom: 1px solid #d9dee2;
  background: repeating-linear-gradient(-45deg, #f2f5f7 0 6px, #fff 6px 12px) }
.navbar { background: #1d3b53 } .navbar .container { padding-top: 12px; padding-bottom: 12px }
.navbar-brand { color: #fff; font-size: 18px; text-decoration: none; font-weight: 600 }
.container { max-width: 1080px; margin: 0 auto; padding: 0 20px } .body-content { padding-top: 20px; padding-bottom: 40px }
h2 { font-size: 22px; margin: 8px 0 16px } h4 { font-size: 13px; margin: 0; color: #4b5a66; text-transform: uppercase; letter-spacing: .03em }
h5 { font-size: 15px; margin: 0 } h5 span { font-weight: 400; margin-left: 6px }
.table { width: 100%; border-collapse: collapse } .table th, .table td { padding: 7px 10px; border-bottom: 1px solid #e2e7ea; text-align: left; vertical-align: top }
.po-d { width: 220px; color: #4b5a66; font-weight: 600 } td span + span { margin-left: 6px }
.po-bottom { padding: 10px; border-bottom: 1px solid #e2e7ea } .row { display: grid; grid-template-columns: 3fr 1fr 1fr 1.4fr; gap: 12px }
.search { display: grid; grid-template-columns: repeat(auto-fit, minmax(190px, 1fr)); gap: 12px; align-items: end; margin-bottom: 20px }
label { display: block; font-size: 13px; font-weight: 600; color: #4b5a66 }
input { width: 100%; padding: 7px 9px; border: 1px solid #82888f; border-radius: 4px; font: inherit; font-weight: 400 }
#bailForms td:nth-child(2), #bailForms td:nth-child(5) { white-space: nowrap }
.btn { display: inline-block; padding: 7px 14px; border: 1px solid #116080; border-radius: 4px; background: #116080; color: #fff; font: inherit; text-decoration: none; cursor: pointer }
.btn-default { background: #fff; color: #116080 }
:focus-visible { outline: 2px solid #116080; outline-offset: 2px } .count { color: #4b5a66; font-size: 13px }
.scroll { overflow-x: auto } hr { border: 0; border-top: 1px solid #e2e7ea; margin: 28px 0 12px } footer { font-size: 13px; color: #4b5a66 }
@media (max-width: 640px) { .row { grid-template-columns: 1fr 1fr } .po-d { width: 130px } }
`;
