# Two images from one repository, for one revision:
#   docker build --build-arg REVISION=$(git rev-parse HEAD) --target app .                                the web server, the workers and every command
#   docker build --build-arg REVISION=$(git rev-parse HEAD) --target scraper --platform linux/amd64 .     the scrapers, for AWS Lambda
# `docker run IMAGE` serves; `docker run IMAGE worker` does the jobs; `docker run IMAGE help` lists the commands. No secret is ever given to a build: settings come
# from the environment, or from the secrets that SECRETS_ARN names. The file system may be read-only: only /tmp is written to.
ARG NODE_IMAGE=node:22.23.3-bookworm-slim
ARG LAMBDA_IMAGE=public.ecr.aws/lambda/nodejs:22

FROM ${NODE_IMAGE} AS source
WORKDIR /src
ENV NEXT_TELEMETRY_DISABLED=1 CHECKPOINT_DISABLE=1
COPY package.json package-lock.json .npmrc ./
COPY vendor ./vendor
# No package may run a program of its own here.
RUN npm ci --include=dev --include=optional --ignore-scripts && npm cache clean --force
COPY . .

FROM source AS build
# A file of this folder with the certificates that sign the database's, where Node does not know them (RDS: the bundle of all regions that AWS publishes).
ARG DATABASE_CA=""
# What /api/health calls this build; without it the hash of its sources.
ARG REVISION=""
RUN ARRESTRA_RELEASE="${REVISION}" npm run pack:container && mkdir /rds && if [ -n "${DATABASE_CA}" ]; then cp "${DATABASE_CA}" /rds/global-bundle.pem; fi

FROM source AS build-scraper
RUN npm run pack:container -- scraper

FROM ${LAMBDA_IMAGE} AS scraper
ARG REVISION=unknown
LABEL org.opencontainers.image.title="arrestra-scraper" org.opencontainers.image.revision="${REVISION}"
COPY --from=build-scraper /src/.arrestra/container-scraper/chromium /opt/chromium
COPY --from=build-scraper /src/.arrestra/container-scraper/chromium/launch /usr/bin/chromium
COPY --from=build-scraper /src/.arrestra/container-scraper/task ${LAMBDA_TASK_ROOT}
ENV NODE_ENV=production CHROMIUM_PATH=/usr/bin/chromium HOME=/tmp
# Lambda takes a user of its own that may do as little; this one is for whoever runs the image elsewhere.
USER 10001:10001
CMD ["workers/lambda.handler"]

FROM ${NODE_IMAGE} AS app
ARG REVISION=unknown
LABEL org.opencontainers.image.title="arrestra" org.opencontainers.image.revision="${REVISION}"
ARG DATABASE_CA=""
COPY --from=build /rds /etc/ssl/rds
COPY --from=build /src/.arrestra/container /app
WORKDIR /app
ENV NODE_ENV=production PORT=3000 NODE_EXTRA_CA_CERTS=${DATABASE_CA:+/etc/ssl/rds/global-bundle.pem}
# By number, so that an orchestrator can see that it is not root's. The files are root's: the process cannot change what it runs.
USER 10001:10001
# Stays writable under a read-only root, and gives a volume mounted there its owner and mode.
VOLUME ["/tmp"]
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 CMD ["node", "/app/entry.mjs", "health"]
ENTRYPOINT ["node", "/app/entry.mjs"]
CMD ["web"]
