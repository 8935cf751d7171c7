#!/bin/bash
# Tells the auto-scaling group how the start ended, and people why. Run by systemd after boot.sh, however that
# ended: also when its time ran out. At a reboot no lifecycle action waits, which is fine.
set -uo pipefail
# shellcheck source=infra/boot/common.sh
. /opt/lockstep/common.sh
log=/var/log/lockstep/boot.log
result=ABANDON
[[ ${SERVICE_RESULT:-} != success ]] || result=CONTINUE

# One event that holds the tail, escaped as JSON: neither jq nor Node is sure to be here.
put_tail() {
  local stream="$instance/boot-failed" message
  message=$(tail -n 40 "$log" | tr -d '\000-\010\013-\037' | sed 's/\\/\\\\/g; s/"/\\"/g; s/\t/ /g' | awk '{ printf "%s\\n", $0 }')
  printf '[{"timestamp":%s,"message":"%s"}]' "$(date +%s%3N)" "$message" >/run/lockstep-tail.json
  aws logs create-log-stream --log-group-name "$LOG_GROUP" --log-stream-name "$stream" 2>/dev/null
  aws logs put-log-events --log-group-name "$LOG_GROUP" --log-stream-name "$stream" \
    --log-events file:///run/lockstep-tail.json >/dev/null
  rm -f /run/lockstep-tail.json
}

complete() {
  local error
  error=$(aws autoscaling complete-lifecycle-action --lifecycle-hook-name "$HOOK" --auto-scaling-group-name "$group" \
    --instance-id "$instance" --lifecycle-action-result "$result" 2>&1) && return
  [[ $error == *'No active Lifecycle Action'* ]] && return
  say "$error"
  return 1
}

if [[ $result == ABANDON ]]; then
  { say "failed (${SERVICE_RESULT:-unknown}); the last lines:" && tail -n 40 "$log"; } >/dev/console 2>&1
fi
if ! retry "$BOOT_TRIES" "$BOOT_PAUSE" read_identity; then
  say "IMDS does not answer: the hook ends by its own time-out" | tee /dev/console
  exit 1
fi
if [[ $result == ABANDON ]] && ! put_tail; then say 'the tail did not reach the log group'; fi
if ! retry "$BOOT_TRIES" "$BOOT_PAUSE" complete; then
  say "the hook could not be told $result" | tee /dev/console
  exit 1
fi
say "told the hook $result" | tee /dev/console
