# A small image with uturn and the migrations of sql/ built in. Settings come from the environment (.env.example).
# The examples that sql/ holds at first run only with --built-in: put your own pairs in their place.
#
#   docker build -t uturn .
#   docker run --rm -e DATABASE_URL=mysql://user:password@host:3306/database uturn up
FROM rust:1-slim-bookworm AS build
RUN apt-get update \
    && apt-get install --no-install-recommends --yes gcc libc6-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /uturn
COPY Cargo.toml Cargo.lock build.rs ./
COPY src src
COPY sql sql
COPY benches benches
RUN cargo build --release --locked --bin uturn

FROM debian:bookworm-slim
# Fixed, so that a Kubernetes securityContext can name it.
RUN useradd --system --uid 10001 --no-create-home uturn
COPY --from=build /uturn/target/release/uturn /usr/local/bin/uturn
USER 10001
ENTRYPOINT ["uturn"]
CMD ["status"]
