# makeform in a container: `docker run --rm -v "$PWD:/project" -e MAKE_API_KEY makeform plan`.
FROM rust:1.95-slim-bookworm AS build
WORKDIR /source
COPY . .
RUN cargo build --locked --profile dist --bin makeform

FROM debian:bookworm-slim
# git keeps ledgers of `state: git`; the certificates are those of public authorities.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates git \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --create-home makeform
COPY --from=build /source/target/dist/makeform /usr/local/bin/makeform
USER 10001
WORKDIR /project
ENTRYPOINT ["makeform"]
CMD ["--help"]
