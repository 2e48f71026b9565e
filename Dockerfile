# The operator of a cluster, and `plumb` for whoever wants it in a container:
#   docker build -t plumbline .
# Debian twice, for its Git, OpenSSH and GnuPG; Node comes with the package, as it does everywhere else.
FROM node:26.10.0-bookworm-slim AS dependencies
WORKDIR /src
COPY package.json package-lock.json ./
# Without scripts: nothing is compiled on installation, so no compiler is needed.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:26.10.0-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY controller controller
RUN npm run build

FROM debian:bookworm-slim
# tini: whatever Git leaves behind when a fetch is broken off has a parent that waits for it.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates git gnupg openssh-client tini \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /opt/plumbline
COPY package.json LICENSE README.md CHANGELOG.md ./
COPY bin bin
COPY crds crds
COPY templates templates
COPY --from=dependencies /src/node_modules node_modules
COPY --from=build /src/dist dist
# nobody: it has an entry in /etc/passwd, without which ssh does not start. By number, for Kubernetes to see that it is not root.
USER 65534:65534
# Mirrors of repositories and what Git, ssh and gpg write for a moment; all else may be read-only.
ENV HOME=/tmp NODE_ENV=production
EXPOSE 9440
ENTRYPOINT ["/usr/bin/tini", "--", "/opt/plumbline/bin/plumb"]
CMD ["operator"]
