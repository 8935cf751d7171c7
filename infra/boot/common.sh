# Shared by boot.sh and finish.sh; sourced, never run.
# shellcheck shell=bash
# shellcheck source=/dev/null
. /etc/lockstep/boot.env
export AWS_REGION=$REGION AWS_DEFAULT_REGION=$REGION AWS_PAGER=''

instance='' address='' group=''

say() { echo "lockstep-boot: $*"; }

# retry TRIES PAUSE_SECONDS COMMAND…: until it succeeds, or the tries are used up.
retry() {
  local tries=$1 pause=$2 try=1
  shift 2
  until "$@"; do
    ((try < tries)) || return 1
    say "try $try of $tries failed: $*"
    try=$((try + 1))
    sleep "$pause"
  done
}

# IMDSv2 alone: the launch template refuses version 1.
imds() {
  curl -fsS -m 5 -H "X-aws-ec2-metadata-token: $imds_token" "http://169.254.169.254/latest/meta-data/$1"
}

# Sets instance, address and group. The group's name comes as an instance tag, which the launch template lets
# IMDS show.
read_identity() {
  imds_token=$(curl -fsS -m 5 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 300' http://169.254.169.254/latest/api/token) || return
  instance=$(imds instance-id) || return
  address=$(imds local-ipv4) || return
  group=$(imds tags/instance/aws:autoscaling:groupName) || return
  [[ $instance =~ ^i-[0-9a-f]+$ && $address =~ ^[0-9.]+$ && -n $group ]]
}
