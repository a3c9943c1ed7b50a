# From the folder of the project: docker build -f deploy/bridge.Dockerfile -t vernis-bridge .
FROM node:22-slim
WORKDIR /opt/bridge
COPY bridge/package.json bridge/package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts
COPY bridge/src src
COPY bridge/LICENSE ./
RUN mkdir /data && chown node:node /data
ENV NODE_ENV=production BRIDGE_HOST=0.0.0.0 BRIDGE_PORT=3003 BRIDGE_DATA=/data
USER node
VOLUME /data
EXPOSE 3003
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=15s \
    CMD ["node", "-e", "require('net').connect(3003, '127.0.0.1').on('connect', () => process.exit(0)).on('error', () => process.exit(1))"]
CMD ["node", "src/main.js"]
