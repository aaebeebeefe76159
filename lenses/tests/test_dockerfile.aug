(*
Module: Test_Dockerfile
  Provides unit tests and examples for the <Dockerfile> lens.
*)
module Test_Dockerfile =

(* Variable: conf
     A build of two stages *)
let conf = "# syntax=docker/dockerfile:1
# builds the site

ARG NODE=20
FROM --platform=$BUILDPLATFORM node:${NODE}-slim AS build
WORKDIR /app
ENV NODE_ENV=production \\
    GREETING=\"hello, world\"
ENV OLD way of it
COPY --chown=node:node package*.json ./
RUN apt-get update \\
    # for the fonts
    && apt-get install -y \\

      fonts-dejavu \\
    && rm -rf /var/lib/apt/lists/*
run <<EOF
set -e
if true; then
  echo EOFX
fi
EOF

FROM nginx:1.27
LABEL org.opencontainers.image.source=\"https://example.org\" maintainer=me
EXPOSE 80/tcp 443
COPY --from=build /app/dist /usr/share/nginx/html
HEALTHCHECK --interval=30s CMD curl -f http://localhost/ || exit 1
CMD [\"nginx\", \"-g\", \"daemon off;\"]
"

(* Test: Dockerfile.lns
     Instructions in their order *)
test Dockerfile.lns get conf =
  { "#syntax" = "docker/dockerfile:1" }
  { "#comment" = "builds the site" }
  { }
  { "ARG"
    { "NODE" = "20" } }
  { "FROM" = "node:${NODE}-slim"
    { "platform" = "$BUILDPLATFORM" }
    { "as" = "build" } }
  { "WORKDIR" = "/app" }
  { "ENV"
    { "NODE_ENV" = "production" }
    { "GREETING" = "\"hello, world\"" } }
  { "ENV" = "OLD way of it" }
  { "COPY" = "--chown=node:node package*.json ./" }
  { "RUN" = "apt-get update \\
    # for the fonts
    && apt-get install -y \\

      fonts-dejavu \\
    && rm -rf /var/lib/apt/lists/*" }
  { "run" = "<<EOF
set -e
if true; then
  echo EOFX
fi
EOF" }
  { }
  { "FROM" = "nginx:1.27" }
  { "LABEL"
    { "org.opencontainers.image.source" = "\"https://example.org\"" }
    { "maintainer" = "me" } }
  { "EXPOSE" = "80/tcp 443" }
  { "COPY" = "--from=build /app/dist /usr/share/nginx/html" }
  { "HEALTHCHECK" = "--interval=30s CMD curl -f http://localhost/ || exit 1" }
  { "CMD" = "[\"nginx\", \"-g\", \"daemon off;\"]" }

(* Test: Dockerfile.lns
     Only what is set changes *)
test Dockerfile.lns put "# x\nfrom  debian:12   as base\nENV A=1 \\\n    B=2\nARG V\nEXPOSE 80\n" after
  set "from" "debian:13";
  set "from/as" "final";
  set "ENV/B" "\"2 3\"";
  set "ARG/V" "1.0";
  set "EXPOSE" "8080" = "# x\nfrom  debian:13   as final\nENV A=1 \\\n    B=\"2 3\"\nARG V=1.0\nEXPOSE 8080\n"

(* Test: Dockerfile.lns
     New instructions and new variables *)
test Dockerfile.lns put "FROM a\nENV A=1\n" after
  set "ENV/B" "2";
  set "ARG/X" "y";
  set "RUN" "make && make install" = "FROM a\nENV A=1 B=2\nARG X=y\nRUN make && make install\n"

(* Test: Dockerfile.lns
     Directives, and a comment that only looks like one *)
test Dockerfile.lns get "# escape=\\\n# check = skip=all\n# syntactically\nFROM a\n" =
  { "#escape" = "\\" }
  { "#check" = "skip=all" }
  { "#comment" = "syntactically" }
  { "FROM" = "a" }

(* Test: Dockerfile.lns
     What looks like a here-document and is none *)
test Dockerfile.lns get "RUN echo $((1 << 2)) < f && cat <<< \"x\"\n" =
  { "RUN" = "echo $((1 << 2)) < f && cat <<< \"x\"" }

(* Test: Dockerfile.lns
     Words in a here-document that begin another *)
test Dockerfile.lns get "COPY <<-\"SCRIPT\" /run.sh\n\tcat > x <<EOF\n\tFROM y\n\tEOF\n\tSCRIPT\nUSER me\n" =
  { "COPY" = "<<-\"SCRIPT\" /run.sh\n\tcat > x <<EOF\n\tFROM y\n\tEOF\n\tSCRIPT" }
  { "USER" = "me" }

(* Test: Dockerfile.lns
     A here-document that does not end, and an instruction there is not *)
test Dockerfile.lns get "RUN <<EOF\nx\n" = *
test Dockerfile.lns get "RAN x\n" = *
