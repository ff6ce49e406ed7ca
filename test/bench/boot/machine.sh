# Sourced on the machine before each measurement, which prints nanoseconds.
set -a
. /etc/switchover/agent.env
. /opt/bench/image.env
set +a

# The floor: three commands whose every argument is known.
measure_floor() {
  aws ecr get-login-password | docker login --username AWS --password-stdin "${REPOSITORY%%/*}" >/dev/null 2>&1
  local from
  from=$(date +%s%N)
  docker pull --quiet "$REPOSITORY@$DIGEST" >/dev/null
  docker tag "$REPOSITORY@$DIGEST" "$REPOSITORY:live"
  docker compose --project-name web --file /opt/bench/compose.yaml up --detach --pull never >/dev/null 2>&1
  echo $(($(date +%s%N) - from))
}

measure_script() {
  local from
  from=$(date +%s%N)
  /opt/bench/script.sh
  echo $(($(date +%s%N) - from))
}

# From the start of its unit to the moment since which it says that it is ready.
measure_agent() {
  local from status
  from=$(date +%s%N)
  systemctl start --no-block switchover-agent.service
  for _ in $(seq 100); do
    sleep 0.3
    status=$(curl -sS http://127.0.0.1:8090/status || true)
    if [ "$(jq --raw-output .phase <<<"$status")" = ready ]; then
      echo $(($(date --date "$(jq --raw-output .since <<<"$status")" +%s%N) - from))
      return
    fi
  done
  echo 'the agent did not become ready in 30 s' >&2
  return 1
}
