import { physicalName } from './naming.ts';

type Named = { app: string; environment: string };

/** Id and name of the user that the app is in Redis: IAM wants both to be the same. */
export const redisUserName = (stack: Named) => physicalName(stack, 'app', 40);

/** The group of that user and of the one that nobody can log in as. */
export const redisUserGroup = (stack: Named): string => physicalName(stack, 'users', 40);

/**
 * What the app may do once its user is switched on: everything but the commands that administer the server.
 */
export const appAccess = 'on ~* &* +@all -@admin -@dangerous +info';
