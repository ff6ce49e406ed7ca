#!/bin/bash
# Installs and starts the Switchover agent whose version and SHA-256 the user-data pins: `switchover-install [SETTINGS]`,
# as root. Safe to run again: what is there already is kept, and nothing is fetched.
# Exit: 0 installed and started · 1 it could not be fetched in half an hour, or the Docker engine does not answer · 78 not
# on this machine, however often it is tried (sysexits: EX_CONFIG).
set -euo pipefail
umask 022

say() { echo "switchover: $*"; }

unfit() {
  say "$*"
  exit 78
}

read_settings() {
  local settings=$1 name
  # shellcheck source=/dev/null # written by the user-data, nothing that could be checked here
  . "$settings"
  # shellcheck source=/dev/null # the same
  [ ! -r /etc/switchover/agent.env ] || . /etc/switchover/agent.env
  for name in SWITCHOVER_STORE SWITCHOVER_AGENT_VERSION; do
    [ -n "${!name:-}" ] || unfit "$settings names no $name."
  done
  case $(uname -m) in
    x86_64) arch=x64 sha256=${SWITCHOVER_AGENT_SHA256_X64:-} ;;
    aarch64) arch=arm64 sha256=${SWITCHOVER_AGENT_SHA256_ARM64:-} ;;
    *) unfit "There is no agent for $(uname -m)." ;;
  esac
  [ -n "$sha256" ] || unfit "The user-data pins no SHA-256 of an agent for $arch."
  imds=${AWS_EC2_METADATA_SERVICE_ENDPOINT:-http://169.254.169.254}
  endpoint=${AWS_ENDPOINT_URL_S3:-${AWS_ENDPOINT_URL:-}}
  base=/opt/switchover
  # Moved into place whole, so it is there or it is not.
  target=$base/agent-$SWITCHOVER_AGENT_VERSION-${sha256:0:12}
}

# at_least WANTED VERSION
at_least() { [[ $2 == [0-9]* ]] && printf '%s\n%s\n' "$1" "$2" | sort --version-sort --check=silent; }

check_machine() {
  local tool glibc
  [ "$(id -u)" = 0 ] || unfit 'This has to run as root.'
  command -v curl >/dev/null || [[ $(wget --version 2>/dev/null) == 'GNU Wget'* ]] ||
    unfit 'This machine image has neither curl nor GNU wget.'
  for tool in tar gzip sed od sha256sum timeout getconf systemctl; do
    command -v "$tool" >/dev/null || unfit "This machine image has no $tool."
  done
  [ -d /run/systemd/system ] || unfit 'systemd does not run this machine.'
  glibc=$(getconf GNU_LIBC_VERSION 2>&1) || true
  at_least 2.28 "${glibc#glibc }" || unfit "The agent needs glibc 2.28 or later; this machine image says: $glibc."
}

# request SECONDS METHOD URL FILE HEADER...
# Headers are secret, and an argument list can be read by anyone on the machine: curl reads them from its standard input,
# wget from a file of root's, in memory.
request() {
  local seconds=$1 method=$2 url=$3 file=$4 answer headers status=0
  shift 4
  if command -v curl >/dev/null; then
    answer=$(printf 'header = "%s"\n' "$@" | timeout "$seconds" curl --config - --silent --show-error --fail \
      --connect-timeout 5 --request "$method" --output "$file" --write-out '%{http_code}' "$url") || return 1
    # To curl a redirect is no failure. None is followed: it would lead the secrets away.
    [ "${answer: -3}" -lt 300 ] || { echo "$url answers ${answer: -3}" >&2; return 1; }
    printf %s "${answer%???}"
  else
    headers=$(mktemp -p /dev/shm) || return 1
    printf 'header = %s\n' "$@" >"$headers"
    timeout "$seconds" wget --config "$headers" --no-verbose --tries 1 --connect-timeout 5 --max-redirect 0 \
      --method "$method" --output-document "$file" "$url" || status=$?
    rm -f "$headers"
    return "$status"
  fi
}

# A proxy would answer for another machine.
token() { http_proxy='' all_proxy='' request 5 PUT "$imds/latest/api/token" - 'X-aws-ec2-metadata-token-ttl-seconds: 300'; }
metadata() { http_proxy='' all_proxy='' request 5 GET "$imds/latest/meta-data/$1" - "X-aws-ec2-metadata-token: $token"; }

json() { sed -n 's/.*"'"$1"'"[[:space:]]*:[[:space:]]*"\([^"]*\)".*/\1/p'; }

to_hex() { od -An -v -tx1 | tr -d ' \n'; }
from_hex() { printf '%b' "$(printf %s "$1" | sed 's/../\\x&/g')"; }
digest() { sha256sum | cut -d' ' -f1; }

# hmac KEY TEXT: HMAC-SHA256 (RFC 2104), key and result in hex. By hand, for openssl takes a key as an argument only.
hmac() {
  local key=$1 inner='' outer='' i
  [ ${#key} -le 128 ] || key=$(from_hex "$key" | digest)
  while [ ${#key} -lt 128 ]; do key+=00; done
  for ((i = 0; i < 128; i += 2)); do
    printf -v inner '%s%02x' "$inner" $((16#${key:i:2} ^ 0x36))
    printf -v outer '%s%02x' "$outer" $((16#${key:i:2} ^ 0x5c))
  done
  inner=$({ from_hex "$inner"; printf %s "$2"; } | digest)
  from_hex "$outer$inner" | digest
}

# signature_headers HOST PATH REGION CREDENTIALS: one a line (Amazon S3 API reference, "Authenticating Requests: Using the
# Authorization Header"). CREDENTIALS are the JSON of the metadata service.
signature_headers() {
  local host=$1 path=$2 region=$3 credentials=$4 now scope signed headers request key part
  # SHA-256 of no bytes, the body of a GET.
  local body=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
  now=$(date -u +%Y%m%dT%H%M%SZ)
  scope=${now%T*}/$region/s3/aws4_request
  signed='host;x-amz-content-sha256;x-amz-date;x-amz-security-token'
  headers="host:$host
x-amz-content-sha256:$body
x-amz-date:$now
x-amz-security-token:$(printf %s "$credentials" | json Token)"
  request=$(printf 'GET\n%s\n\n%s\n\n%s\n%s' "$path" "$headers" "$signed" "$body" | digest)
  key=$(printf 'AWS4%s' "$(printf %s "$credentials" | json SecretAccessKey)" | to_hex)
  for part in "${now%T*}" "$region" s3 aws4_request; do key=$(hmac "$key" "$part"); done
  echo "$headers"
  echo "authorization: AWS4-HMAC-SHA256 Credential=$(printf %s "$credentials" | json AccessKeyId)/$scope, SignedHeaders=$signed, Signature=$(
    hmac "$key" "$(printf 'AWS4-HMAC-SHA256\n%s\n%s\n%s' "$now" "$scope" "$request")"
  )"
}

# fetch FILE: signed by the instance's role. Refused, or without a role, it is tried unsigned: the bucket's policy may
# allow that through a VPC endpoint. Signed comes first because it works in both set-ups.
fetch() {
  local token region role credentials='' origin host path headers
  if ! token=$(token); then
    say 'The instance metadata service gives no token.'
  elif ! role=$(metadata iam/security-credentials/); then
    say 'The instance has no role yet.'
  else
    role=${role%%[[:space:]]*}
    credentials=$(metadata "iam/security-credentials/$role" | tr '\n' ' ') || say "Role $role has no credentials yet."
  fi
  region=${AWS_REGION:-}
  [ -n "$region" ] || [ -z "$token" ] || region=$(metadata placement/region) || true
  [ -n "$region" ] || { say 'Neither the settings nor the instance metadata name a Region.'; return 1; }

  path=${SWITCHOVER_STORE#s3://}
  path=/${path%/}/agent/$SWITCHOVER_AGENT_VERSION/switchover-agent-linux-$arch.tar.gz
  path=$(printf %s "$path" | sed 's/+/%2B/g; s/!/%21/g; s/(/%28/g; s/)/%29/g; s/\*/%2A/g')
  case $region in
    cn-*) origin=https://s3.$region.amazonaws.com.cn ;;
    *) origin=https://s3.$region.amazonaws.com ;;
  esac
  [ -z "$endpoint" ] || origin=${endpoint%/}
  host=${origin#*://}
  if [ -n "$credentials" ]; then
    mapfile -t headers < <(signature_headers "$host" "$path" "$region" "$credentials")
    request 300 GET "$origin$path" "$1" "${headers[@]}" && return
    say "$origin$path cannot be fetched with role $role: trying it unsigned."
  fi
  request 300 GET "$origin$path" "$1" "host: $host" && return
  say "$origin$path cannot be fetched unsigned. (S3 refuses what is not there just like what is not allowed.)"
  return 1
}

install_agent() {
  fetch "$work/agent.tar.gz" || return 1
  if ! printf '%s  %s\n' "$sha256" "$work/agent.tar.gz" | sha256sum --check --status; then
    say "The tarball of agent $SWITCHOVER_AGENT_VERSION has another SHA-256 than the user-data pins; nothing was installed."
    wrong=$((wrong + 1))
    # Bad bytes may come from the way here; the third time they are the store's.
    [ "$wrong" -lt 3 ] || exit 1
    return 1
  fi
  rm -rf "$work/agent"
  mkdir "$work/agent"
  tar -xzf "$work/agent.tar.gz" -C "$work/agent" --no-same-owner || return 1
  rm -f "$work/agent.tar.gz"
  local error
  error=$("$work/agent/bin/node" --version 2>&1) || unfit "The agent's Node does not run on this machine: $error"
  mv -T "$work/agent" "$target"
}

# The network, the role's policy and the store may all be late on a new machine.
obtain_agent() {
  local try wrong=0
  mkdir -p "$base"
  work=$(mktemp -d "$base/.install.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  for try in {1..60}; do
    install_agent && return
    if ((try == 60 || SECONDS >= 1800)); then
      say "Agent $SWITCHOVER_AGENT_VERSION could not be fetched, giving up."
      exit 1
    fi
    say "Agent $SWITCHOVER_AGENT_VERSION is not installed yet (try $try)."
    sleep $((try < 15 ? try * 2 : 30))
  done
}

start_agent() {
  local before link=$base/.current
  before=$(readlink "$base/current") || before=
  if [ "$before" != "$target" ]; then
    ln -sfn "$target" "$link"
    mv -T "$link" "$base/current"
  fi
  [ -e /usr/local/bin/switchover-agent ] || ln -sfn "$base/current/switchover-agent" /usr/local/bin/switchover-agent
  install -C -m 0644 "$base"/current/systemd/* /etc/systemd/system/
  # Enabling reads the units anew. Not waited for: the agent's unit may be ordered after the cloud-init stage this script runs in.
  systemctl enable --now --no-block switchover-agent.socket switchover-agent.service
  # Another agent takes over from the one before; the app does not notice.
  [ -z "$before" ] || [ "$before" = "$target" ] || systemctl try-restart --no-block switchover-agent.service
  say "Agent $SWITCHOVER_AGENT_VERSION is installed."
}

# Comes last: the agent reports what it lacks as well, so that the coordinator fails at once instead of waiting for it.
check_docker() {
  local try plugin standalone
  [ -S /run/docker.sock ] || systemctl cat docker.service >/dev/null 2>&1 ||
    unfit 'This machine image has no Docker engine: neither a docker.service nor /run/docker.sock is there.'
  plugin=$(docker compose version --short 2>/dev/null) || plugin=
  standalone=$(docker-compose version --short 2>/dev/null) || standalone=
  at_least 2.17 "${plugin#v}" || at_least 2.17 "${standalone#v}" || [[ $standalone == 1.29.* ]] ||
    unfit "The agent needs Docker's compose plugin 2.17 or later, or docker-compose 1.29; this machine image has ${plugin:-no plugin} and ${standalone:-no docker-compose}."
  # The agent's unit starts the engine.
  for try in {1..30}; do
    timeout 10 docker version >/dev/null 2>&1 && return
    [ "$try" -eq 30 ] || sleep 2
  done
  say 'The Docker engine does not answer: journalctl -u docker says why.'
  return 1
}

main() {
  read_settings "${1:-/etc/switchover/bootstrap.env}"
  check_machine
  [ -d "$target" ] || obtain_agent
  start_agent
  check_docker
}

[ "${BASH_SOURCE[0]-$0}" != "$0" ] || main "$@"
