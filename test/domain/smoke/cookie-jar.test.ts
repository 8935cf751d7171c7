import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cookieHeader, keepCookies } from '../../../scripts/domain/smoke/cookie-jar.ts';

const now = new Date('2026-11-21T12:00:00Z');
const later = (seconds: number) => new Date(now.getTime() + seconds * 1000);
const secure = { secure: true };
const jarOf = (...headers: string[]) => keepCookies([], headers, '/app/login', now);

describe('a cookie jar', () => {
  it('sends back what it was given, the newest value of a name', () => {
    const jar = keepCookies(jarOf('sid=1; Path=/', 'lang=en; Path=/'), ['sid=2; Path=/; HttpOnly'], '/', now);
    expect(cookieHeader(jar, '/', now, secure)).toBe('lang=en; sid=2');
  });

  it('sends a cookie only below its path, the longest path first', () => {
    const jar = jarOf('a=1; Path=/', 'b=2; Path=/app', 'c=3');
    expect(cookieHeader(jar, '/app/x?y=/', now, secure)).toBe('b=2; c=3; a=1');
    expect(cookieHeader(jar, '/application', now, secure)).toBe('a=1');
  });

  it('without a path of its own is sent below the directory of the page that set it', () => {
    const setBy = (page: string) => keepCookies([], ['a=1'], page, now)[0]?.path;
    expect([setBy('/'), setBy('/login'), setBy('/app/login'), setBy('login')]).toEqual([
      '/',
      '/',
      '/app',
      '/',
    ]);
  });

  it('forgets a cookie at its end, and at once when the app removes it', () => {
    const jar = jarOf('a=1; Path=/; Max-Age=10', 'b=2; Path=/; Expires=Sat, 21 Nov 2026 12:00:20 GMT');
    expect(cookieHeader(jar, '/', later(9), secure)).toBe('a=1; b=2');
    expect(cookieHeader(jar, '/', later(10), secure)).toBe('b=2');
    expect(cookieHeader(jar, '/', later(20), secure)).toBeUndefined();
    expect(keepCookies(jar, ['a=; Path=/; Max-Age=0', 'b=; Path=/; Max-Age=-1'], '/', now)).toEqual([]);
  });

  it('keeps a Secure cookie from an open connection', () => {
    const jar = jarOf('a=1; Path=/; Secure');
    expect(cookieHeader(jar, '/', now, secure)).toBe('a=1');
    expect(cookieHeader(jar, '/', now, { secure: false })).toBeUndefined();
  });

  it("never keeps the balancer's cookies where they are dropped", () => {
    const jar = keepCookies([], ['LOCKSTEP=host-1; path=/', 'sid=1; path=/'], '/', now, ['LOCKSTEP']);
    expect(cookieHeader(jar, '/', now, secure)).toBe('sid=1');
  });

  it('passes over headers that hold no cookie', () => {
    expect(jarOf('', '=value', 'no equals sign', 'na me=1; Path=/')).toEqual([]);
    expect(jarOf('a=\u0001; Path=/', 'b=\u{1f36a}; Path=/')).toEqual([]);
  });

  it('never sends anything that could end the header', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary-ascii' }), { maxLength: 4 }), (headers) => {
        const jar = keepCookies([], headers, '/', now);
        const header = cookieHeader(jar, '/', now, secure) ?? '';
        expect(header).not.toMatch(/[\r\n]/);
      }),
    );
  });
});
