import type { Basis } from './order.ts';

/** A basis as people read it in status and history. */
export function describeBasis(basis: Basis): string {
  switch (basis.kind) {
    case 'first-in-chain':
      return 'first in the chain';
    case 'receipt':
      return `verified in ${basis.environment} by order ${basis.order}`;
    case 'rollback':
      return `rollback to order ${basis.order}`;
    case 'return':
      return `return to order ${basis.order} after a failure`;
    case 'override':
      return `OVERRIDE, because: ${basis.reason}`;
  }
}
