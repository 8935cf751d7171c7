#!/bin/bash
# Brings a host from a bare image to the last committed order. Run by lockstep-boot.service at every start of
# the machine: each step first looks whether its work is done. It stops at the first step that fails;
# finish.sh tells.
set -Eeuo pipefail
# shellcheck source=infra/boot/common.sh
. /opt/lockstep/common.sh
trap 'say "step ${step:-start} failed"' ERR

identity() { retry "$BOOT_TRIES" "$BOOT_PAUSE" read_identity; }

packages() {
  local wanted=()
  [[ -x /opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl ]] || wanted+=(amazon-cloudwatch-agent)
  [[ -z $FILE_SYSTEM || -x /sbin/mount.efs ]] || wanted+=(amazon-efs-utils)
  [[ -z $REDIS_HOST || -x /usr/bin/stunnel ]] || wanted+=(stunnel)
  ((${#wanted[@]} == 0)) || retry "$BOOT_TRIES" "$BOOT_PAUSE" dnf -y -q install "${wanted[@]}"
}

# Early, so that what comes after can be read from afar.
cloudwatch() {
  /opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl \
    -a fetch-config -m ec2 -s -c file:/etc/lockstep/cloudwatch.json
}

# Services run as this user. Its ids are those of the shared directory's owner, whoever else may have them.
user() {
  getent group lockstep >/dev/null || groupadd -o -g "$SERVICE_GID" lockstep
  getent passwd lockstep >/dev/null || useradd -o -u "$SERVICE_UID" -g lockstep -M -d / -s /sbin/nologin lockstep
}

# The mount helper retries resets and time-outs but not names that don't resolve yet, hence the loop.
files() {
  if [[ -z $FILE_SYSTEM ]]; then
    install -d -o lockstep -g lockstep "$SHARED_DIRECTORY"
    return
  fi
  local line="$FILE_SYSTEM $SHARED_DIRECTORY efs _netdev,tls,iam,accesspoint=$ACCESS_POINT 0 0"
  if ! grep -qxF "$line" /etc/fstab; then
    awk -v at="$SHARED_DIRECTORY" '$2 != at' /etc/fstab >/etc/fstab.lockstep
    echo "$line" >>/etc/fstab.lockstep
    mv /etc/fstab.lockstep /etc/fstab
    systemctl daemon-reload
  fi
  mkdir -p "$SHARED_DIRECTORY"
  mountpoint -q "$SHARED_DIRECTORY" || retry "$MOUNT_TRIES" "$BOOT_PAUSE" mount "$SHARED_DIRECTORY"
}

tunnel_answers() { (exec 3<>/dev/tcp/127.0.0.1/6379) 2>/dev/null; }

# Apps that speak no TLS find Redis on 127.0.0.1:6379.
tunnel() {
  [[ -n $REDIS_HOST ]] || return 0
  systemctl enable -q lockstep-redis.service
  systemctl restart lockstep-redis.service
  retry 10 1 tunnel_answers
}

is_whole() { echo "$2  $1" | sha256sum --status -c -; }

# fetch KEY FILE SHA256: nothing of another hash ever stands at FILE.
fetch() {
  if [[ -f $2 ]] && is_whole "$2" "$3"; then return; fi
  rm -f "$2.part"
  retry "$BOOT_TRIES" "$BOOT_PAUSE" aws s3 cp --only-show-errors --region "$BUCKET_REGION" "s3://$BUCKET/$1" "$2.part"
  if ! is_whole "$2.part" "$3"; then
    rm -f "$2.part"
    say "$1 does not have the SHA-256 $3"
    return 1
  fi
  chmod 0444 "$2.part"
  mv "$2.part" "$2"
}

node_runtime() {
  local archive=/opt/lockstep/node.tar.gz into=/opt/lockstep/node-$NODE_SHA256
  if [[ ! -d $into ]]; then
    fetch "runtimes/$NODE_SHA256.tar.gz" "$archive" "$NODE_SHA256"
    rm -rf "$into.part"
    mkdir "$into.part"
    tar -xzf "$archive" -C "$into.part" --strip-components=1 --no-same-owner
    mv "$into.part" "$into"
    rm -f "$archive"
  fi
  ln -sfn "$into" /opt/lockstep/node
  local version
  version=$(/opt/lockstep/node/bin/node --version)
  [[ $version == "v$NODE_VERSION" ]] || {
    say "Node is $version, not v$NODE_VERSION"
    return 1
  }
}

agent() {
  mkdir -p /opt/lockstep/agents
  fetch "agents/$AGENT_SHA256.mjs" "/opt/lockstep/agents/$AGENT_SHA256.mjs" "$AGENT_SHA256"
  ln -sfn "/opt/lockstep/agents/$AGENT_SHA256.mjs" /opt/lockstep/agent.mjs
}

# Sets pem to the public half of a key in KMS, spelled as JSON; what signatures are checked with is never in
# user data.
read_public_key() {
  local region der
  IFS=: read -r _ _ _ region _ <<<"$1"
  der=$(aws kms get-public-key --region "$region" --key-id "$1" --query PublicKey --output text) || return
  [[ $der =~ ^[A-Za-z0-9+/]+=*$ ]] || return
  pem="-----BEGIN PUBLIC KEY-----\\n$der\\n-----END PUBLIC KEY-----\\n"
}

# What the agent knows of its host and never takes from an order.
provisioning() {
  local key edits="s/@HOST@/$instance/g; s/@ADDRESS@/$address/g"
  for key in $VERIFY_KEYS; do
    retry "$BOOT_TRIES" "$BOOT_PAUSE" read_public_key "$key"
    edits+="; s|\"$key\"|\"${pem//\\/\\\\}\"|"
  done
  mkdir -p "$ROOT"
  sed "$edits" /etc/lockstep/host.template.json >/etc/lockstep/host.json.part
  mv /etc/lockstep/host.json.part /etc/lockstep/host.json
  ln -sfn /etc/lockstep/host.json "$ROOT/host.json"
}

# The agent answers one line; an answer without health is a failure too. No committed order is healthy: an
# idle host.
release() {
  local answer
  # shellcheck disable=SC2086 # options, several words
  answer=$(/opt/lockstep/node/bin/node $NODE_OPTIONS_OF_AGENT /opt/lockstep/agent.mjs boot --root "$ROOT" <<<'{}') || {
    say "the agent answered $answer"
    return 1
  }
  say "the agent answered $answer"
  [[ $answer == *'"healthy":true'* ]]
}

for step in identity packages cloudwatch user files tunnel node_runtime agent provisioning release; do
  say "$step"
  "$step"
done
