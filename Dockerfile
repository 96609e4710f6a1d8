# Meltano with tap-twitter, target-dataset and the jobs of meltano.yml. State, datasets and logins are kept in /data:
#
#   docker build -t twitter-datasets .
#   docker run --rm --env-file .env -v twitter-data:/data twitter-datasets --environment=prod run lookup
#   docker run --rm -v twitter-data:/data --entrypoint dataset twitter-datasets list
FROM python:3.13-slim-bookworm

ENV PYTHONUNBUFFERED=1 \
    UV_CONSTRAINT=/project/requirements/dev.txt \
    PATH=/project/.venv/bin:$PATH

WORKDIR /project
COPY requirements/uv.txt requirements/dev.txt requirements/
RUN python -m venv .venv \
 && .venv/bin/pip install --no-cache-dir --require-hashes -r requirements/uv.txt \
 && VIRTUAL_ENV=/project/.venv uv pip install --no-cache meltano

COPY meltano.yml ./
COPY target-dataset target-dataset
COPY tap-twitter tap-twitter
RUN UV_NO_CACHE=1 meltano --log-level=warning install tap-twitter target-dataset dataset \
 && VIRTUAL_ENV=/project/.venv uv pip install --no-cache './target-dataset[s3]' ./tap-twitter \
 && useradd --uid 1000 --home-dir /data meltano \
 && install -d -o meltano /data \
 && chown -R meltano .meltano

ENV HOME=/data \
    MELTANO_DATABASE_URI=sqlite:////data/meltano.db \
    TAP_TWITTER_STORE=/data/datasets \
    TARGET_DATASET_STORE=/data/datasets \
    DATASET_STORE=/data/datasets
USER 1000
VOLUME /data
ENTRYPOINT ["meltano"]
CMD ["--help"]
