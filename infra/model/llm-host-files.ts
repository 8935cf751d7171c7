import { hostMetrics } from '../hosts/host-metrics.ts';
import { quote } from '../hosts/host-script.ts';
import type { HostLlm } from '../settings/schema/llm-schema.ts';

/**
 * Brings the weights from the mirror and checks every one. A host that has them already, at a reboot, asks
 * nobody. The certificate is the host's own: the balancer encrypts to it and does not ask who signed it.
 */
export function fetchScript({
  source,
  revision,
  model,
}: {
  /** `s3://…` of this revision. */
  source: string;
  revision: string;
  model: string;
}): string {
  return `#!/bin/bash
set -euo pipefail
root=/var/lib/lockstep-llm
if [[ ! -s $root/tls/cert.pem ]]; then
  install -d -m 0700 "$root/tls"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj /CN=lockstep-llm \\
    -keyout "$root/tls/key.pem" -out "$root/tls/cert.pem" 2>/dev/null
fi
[[ $(cat "$root/revision" 2>/dev/null) != ${quote(revision)} ]] || exit 0
rm -f "$root/revision"
mkdir -p "$root/model"
if ! aws s3 cp --only-show-errors ${quote(`${source}/SHA256SUMS`)} "$root/SHA256SUMS"; then
  echo ${quote(`the mirror holds no complete copy of ${model} at ${source}: fill it, see docs/infrastructure.md`)} >&2
  exit 1
fi
aws s3 sync --only-show-errors --delete ${quote(source)} "$root/model"
(cd "$root/model" && sha256sum --check --quiet --strict ../SHA256SUMS)
echo ${quote(revision)} >"$root/revision"
`;
}

/** Of a chat completion, as far as a probe uses it (OpenAI API reference, "Create chat completion"). */
type ChatRequest = {
  model: string;
  messages: { role: 'user'; content: string }[];
  max_tokens: number;
  temperature: number;
  tools?: { type: 'function'; function: object }[];
  tool_choice?: 'auto';
};

/** What the model is asked: a question that it can only answer well by calling the tool. */
function probeRequest({ model, toolCalls }: HostLlm): ChatRequest {
  const location = { type: 'string', description: 'A city' };
  const parameters = { type: 'object', properties: { location }, required: ['location'] };
  const tool = { name: 'get_weather', description: 'The weather in a city, now', parameters };
  const request: ChatRequest = {
    model,
    messages: [{ role: 'user', content: 'What is the weather in Berlin now? Use the tool.' }],
    max_tokens: 128,
    temperature: 0,
  };
  if (!toolCalls) return request;
  return { ...request, tools: [{ type: 'function', function: tool }], tool_choice: 'auto' };
}

/**
 * Waits for the server, then asks it once as the app will: a server without tool-calling flags, or with
 * another model, is healthy by every other measure. Python is part of Amazon Linux 2023.
 */
export function probeScript({ llm, port }: { llm: HostLlm; port: number }): string {
  return `#!/bin/bash
# llm-probe SECONDS: how long the server may take to answer at all.
set -euo pipefail
base=https://127.0.0.1:${port}
until curl -fsk --max-time 5 "$base/health" >/dev/null; do
  if ((SECONDS > \${1:-60})); then
    echo 'the server does not answer' >&2
    exit 1
  fi
  sleep 5
done
answer=$(curl -fsSk --max-time ${Math.max(60, llm.timeoutSeconds)} "$base/v1/chat/completions" \\
  -H 'content-type: application/json' --data-binary ${quote(JSON.stringify(probeRequest(llm)))})
python3 - "$answer" <<'PYTHON'
import json, sys
answer = json.loads(sys.argv[1])
message = answer["choices"][0]["message"]
if answer["model"] != ${JSON.stringify(llm.model)}:
    sys.exit("another model answers: " + answer["model"])
${llm.toolCalls ? toolCheck : textCheck}
PYTHON
`;
}

const toolCheck = `calls = message.get("tool_calls") or []
if not calls or calls[0]["function"]["name"] != "get_weather":
    sys.exit("the model answers without calling the tool: check parser and chat template")
if "location" not in json.loads(calls[0]["function"]["arguments"]):
    sys.exit("the tool call lacks its argument")`;

const textCheck = `if not message.get("content"):
    sys.exit("the model answers with nothing")`;

/** Of the CloudWatch agent: the cards, memory and disk, by group, for alarms and dashboard. */
export function gpuMetrics(region: string) {
  return {
    agent: { metrics_collection_interval: 60, region },
    metrics: hostMetrics({
      nvidia_gpu: { measurement: ['utilization_gpu', 'memory_used', 'temperature_gpu'] },
    }),
  };
}
