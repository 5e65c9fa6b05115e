# One file, one image per service: docker build --target gateway|video-worker|image-worker .

FROM node:24-bookworm-slim AS base
WORKDIR /app
ENV NODE_ENV=production
# The folder belongs to the services' user before it becomes a volume, which takes its owner from here.
RUN mkdir -p /data/files && chown -R 10001:10001 /data

FROM base AS build
COPY package.json package-lock.json .npmrc tsconfig.json tsconfig.build.json ./
COPY libs libs
COPY apps apps
RUN --mount=type=cache,target=/root/.npm npm ci --include=dev
RUN npm run build && find apps libs -name src -type d -prune -exec rm -rf {} +

# What each service needs of the repository; its own dependencies come by npm in its own target.
FROM base AS service
COPY package.json package-lock.json .npmrc ./
COPY --from=build /app/libs libs
ENV HOST=0.0.0.0 PORT=3000 STORAGE_URL=file:/data/files
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=8s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/ready`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]

FROM service AS gateway
COPY --from=build /app/apps/dashboard apps/dashboard
COPY --from=build /app/apps/gateway apps/gateway
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev -w @heavylift/gateway --include-workspace-root=false
USER 10001:10001
VOLUME /data/files
CMD ["node", "apps/gateway/dist/main.js"]

FROM service AS image-worker
COPY --from=build /app/apps/image-worker apps/image-worker
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev -w @heavylift/image-worker --include-workspace-root=false
USER 10001:10001
VOLUME /data/files
CMD ["node", "apps/image-worker/dist/main.js"]

FROM service AS video-worker
RUN apt-get update \
  && apt-get install -y --no-install-recommends ffmpeg \
  && rm -rf /var/lib/apt/lists/*
COPY --from=build /app/apps/video-worker apps/video-worker
# Its optional packages are FFmpeg binaries from npm, for machines that have none; this image has Debian's.
RUN --mount=type=cache,target=/root/.npm \
  npm ci --omit=dev --omit=optional -w @heavylift/video-worker --include-workspace-root=false
ENV FFMPEG_PATH=/usr/bin/ffmpeg
USER 10001:10001
VOLUME /data/files
CMD ["node", "apps/video-worker/dist/main.js"]
