import { blockAt, blocksAt, type Declared, isGiven, isUnknown, type Props } from '../rule/declared.ts';
import type { ResourceRule, StackRule } from '../rule/rule.ts';

const listener = /^aws:(lb|alb)\/listener:Listener$/;
const listenerRule = /^aws:(lb|alb)\/listenerRule:ListenerRule$/;
const classic = 'aws:elb/loadBalancer:LoadBalancer';

export const tlsListeners: ResourceRule = {
  name: 'tls-listeners',
  description:
    'Listeners use TLS and offer version 1.3; plain HTTP only redirects to HTTPS. Session cookies pass here: whoever reads one on the way can act as that user.',
  level: 'mandatory',
  judge(resource) {
    if (resource.type === classic) return judgeClassic(resource.props);
    if (!listener.test(resource.type)) return [];
    const { protocol, sslPolicy, certificateArn } = resource.props;
    if (isUnknown(protocol)) return [];
    if (protocol === 'HTTPS' || protocol === 'TLS') {
      return [
        ...(isGiven(certificateArn) ? [] : ['no certificate. Fix: give certificateArn']),
        ...(isUnknown(sslPolicy) || /TLS13/.test(String(sslPolicy ?? ''))
          ? []
          : [
              `sslPolicy ${sslPolicy ?? 'is missing'}. Fix: name a policy with TLS 1.3, ELBSecurityPolicy-TLS13-…`,
            ]),
      ];
    }
    if (protocol === 'HTTP' && onlyRedirects(blocksAt(resource.props, 'defaultActions'))) return [];
    const got = protocol === 'HTTP' ? 'HTTP answers without TLS' : `protocol ${protocol ?? 'is missing'}`;
    return [`${got}. Fix: protocol HTTPS with a certificate; HTTP may only redirect to HTTPS`];
  },
};

export const plainListenersOnlyRedirect: StackRule = {
  name: 'plain-listeners-only-redirect',
  description: 'No rule makes a plain HTTP listener answer: rules are matched before the default redirect.',
  level: 'mandatory',
  judgeStack(stack) {
    const plain = stack.filter(({ type, props }) => listener.test(type) && props.protocol === 'HTTP');
    return stack
      .filter((rule) => listenerRule.test(rule.type) && plain.some((each) => belongsTo(rule, each)))
      .filter(({ props }) => !onlyRedirects(blocksAt(props, 'actions')))
      .map(({ id }) => ({
        id,
        message: 'answers on a listener without TLS. Fix: put the rule on the HTTPS listener, or redirect',
      }));
  },
};

function belongsTo(rule: Declared, each: Declared): boolean {
  return rule.references.listenerArn?.includes(each.id) === true;
}

function onlyRedirects(actions: readonly Props[]): boolean {
  return (
    actions.length > 0 &&
    actions.every(
      ({ type, redirect }) => type === 'redirect' && blockAt({ redirect }, 'redirect').protocol === 'HTTPS',
    )
  );
}

function judgeClassic(props: Props): string[] {
  return blocksAt(props, 'listeners')
    .filter(({ lbProtocol }) => !/^(https|ssl)$/i.test(String(lbProtocol)) && !isUnknown(lbProtocol))
    .map(
      ({ lbPort, lbProtocol }) =>
        `port ${lbPort} speaks ${lbProtocol}. Fix: an application balancer with HTTPS`,
    );
}
