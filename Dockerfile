# Every image of Landfall.
#
#   docker build --build-arg SERVICE=decryptor -t localhost/landfall/decryptor .   a service: decryptor, normalizer,
#                                                                                  cataloger or archiver
#   docker build --target cli -t localhost/landfall/cli .                          the landfall command: deploys, sweeps
#   docker build --target emulator -t localhost/landfall/emulator .                Glue's catalog, for docker-compose.localstack.yml
#
# A service's image holds its own code, shared/ and the packages of requirements/<service>.txt, by hash. It runs as
# nobody in particular on a read-only file system and writes to /dev/shm alone.

ARG PYTHON_IMAGE=docker.io/library/python:3.13-slim
ARG SERVICE=decryptor

# What every image starts from.
FROM ${PYTHON_IMAGE} AS base
ENV PATH=/opt/landfall/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
WORKDIR /app

# What installs packages; it is in no image that runs.
FROM base AS installer
COPY requirements/uv.txt /requirements/
RUN python -m venv /opt/uv \
    && /opt/uv/bin/python -m pip install --quiet --no-cache-dir --disable-pip-version-check \
       --require-hashes -r /requirements/uv.txt
ENV PATH=/opt/uv/bin:$PATH \
    UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_NO_CACHE=1 \
    UV_PYTHON_DOWNLOADS=never

FROM installer AS service-packages
ARG SERVICE
COPY requirements/${SERVICE}.txt /requirements/
RUN uv venv --quiet --python "$(command -v python)" /opt/landfall \
    && uv pip sync --quiet --python /opt/landfall/bin/python --require-hashes /requirements/${SERVICE}.txt

FROM base AS service-code
ARG SERVICE
COPY shared shared
COPY services/__init__.py services/
COPY services/${SERVICE} services/${SERVICE}
RUN python -m compileall -q --invalidation-mode unchecked-hash .

# What one service has beyond Python packages, and how it starts. Python is process 1 and receives SIGTERM itself.
FROM base AS decryptor-base
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends gpg gpg-agent \
    && rm -rf /var/lib/apt/lists/*
CMD ["python", "-m", "services.decryptor"]

FROM base AS normalizer-base
COPY recipes recipes
CMD ["python", "-m", "services.normalizer"]

FROM base AS cataloger-base
CMD ["python", "-m", "services.cataloger"]

FROM base AS archiver-base
CMD ["python", "-m", "services.archiver"]

# The landfall command with everything it can do.
FROM installer AS cli-packages
COPY requirements/cli.txt requirements/dev.txt /requirements/
RUN uv venv --quiet --python "$(command -v python)" /opt/landfall \
    && uv pip sync --quiet --python /opt/landfall/bin/python --require-hashes /requirements/cli.txt
COPY . .
# The build back end is pinned by hash in requirements/dev.txt.
RUN uv pip install --quiet --python /opt/landfall/bin/python --no-deps \
       --build-constraints /requirements/dev.txt --editable . \
    && python -m compileall -q --invalidation-mode unchecked-hash landfall services shared

FROM base AS cli
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="landfall" \
      org.opencontainers.image.description="Deploys, watches and repairs Landfall" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
USER 10001:10001
ENTRYPOINT ["landfall"]
CMD ["--help"]
COPY --from=cli-packages /opt/landfall /opt/landfall
COPY --from=cli-packages /app /app

# Glue's catalog for the local stack; its packages pin another AWS SDK than the command's.
FROM installer AS emulator-packages
COPY requirements/emulator.txt /requirements/
RUN uv venv --quiet --python "$(command -v python)" /opt/landfall \
    && uv pip sync --quiet --python /opt/landfall/bin/python --require-hashes /requirements/emulator.txt

FROM base AS emulator
ENV BIND_HOST=0.0.0.0 \
    GATEWAY_PORT=4566 \
    IOT_MTLS_ENABLED=0 \
    LOG_LEVEL=WARNING
USER 10001:10001
CMD ["ministack"]
COPY --from=emulator-packages /opt/landfall /opt/landfall

# A service. Last, so that it is what a build makes by itself.
FROM ${SERVICE}-base AS service
ARG SERVICE
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="landfall-${SERVICE}" \
      org.opencontainers.image.description="The ${SERVICE} of Landfall: from Salesforce Marketing Cloud to AWS Clean Rooms" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
ENV LANDFALL_LIVENESS_FILE=/dev/shm/landfall-alive
USER 10001:10001
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 CMD ["python", "-m", "shared.worker.health"]
COPY --from=service-packages /opt/landfall /opt/landfall
COPY --from=service-code /app /app
