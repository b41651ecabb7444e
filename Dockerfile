# One image for web, worker, beat and commands. Assets are built inside; at run time nothing comes from outside.
FROM python:3.11-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
COPY requirements/production.txt requirements/npm.txt requirements/
RUN python -m venv /opt/venv \
 && /opt/venv/bin/pip install --require-hashes --only-binary :all: -r requirements/production.txt
COPY . .
ARG NPM_CONFIG_REGISTRY=
ARG RELEASE=
RUN python tools/vendor.py \
 && DANGWU_DATA=/tmp/build DANGWU_STATIC=/app/static-collected /opt/venv/bin/python manage.py collectstatic --noinput --verbosity 0 \
 && echo "${RELEASE:-image}" > RELEASE \
 && rm -rf /tmp/build tests benchmarks docs/screens node_modules

FROM python:3.11-slim-bookworm
# The client follows the distribution's PostgreSQL 15 with its security updates.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends postgresql-client-15 \
 && rm -rf /var/lib/apt/lists/* \
 && groupadd --gid 10001 dangwu \
 && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin dangwu \
 && install -d -o 10001 -g 10001 -m 0700 /data /keys /anchors /backups
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
ENV PATH=/opt/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    DANGWU_PRODUCTION=1 DANGWU_DATA=/data DANGWU_STATIC=/app/static-collected DANGWU_KEYRING=/keys/keyring.json \
    DANGWU_AUDIT_ANCHORS=/anchors DANGWU_BIND=0.0.0.0:8000 PROMETHEUS_MULTIPROC_DIR=/tmp/counters
WORKDIR /app
USER 10001:10001
EXPOSE 8000
ENTRYPOINT ["/app/deploy/entrypoint"]
CMD ["web"]
