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

# From the start of its unit to the line in the journal that says it is ready: asking it meanwhile would slow it down.
measure_agent() {
  local from to
  from=$(date +%s%N)
  systemctl start --no-block switchover-agent.service
  for _ in $(seq 100); do
    sleep 0.3
    to=$(journalctl --unit switchover-agent --since "@$((from / 1000000000))" --output json --output-fields MESSAGE |
      jq --raw-output --argjson from "${from::-3}" \
        'select(.MESSAGE | tostring | contains("-> ready")) | .__REALTIME_TIMESTAMP | tonumber | select(. >= $from)' | head -n 1)
    [ -z "$to" ] || { echo $((to * 1000 - from)); return; }
  done
  echo 'the agent did not become ready in 30 s' >&2
  return 1
}
