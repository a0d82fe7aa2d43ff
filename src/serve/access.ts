import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * Who may see the page: with no token everybody who reaches it, else whoever sends the token (`Authorization: Bearer`)
 * or the cookie that it was exchanged for. The cookie is not the token, and is worth nothing after a restart.
 */
export type Access = {
  isOpen: boolean;
  mayRead(headers: Headers): boolean;
  /** For whoever has sent the token itself; undefined for others. */
  cookieFor(headers: Headers): string | undefined;
};

export function openAccess(token: string | undefined, port: () => number): Access {
  // Of a fresh key, so that equal lengths are compared in a time that tells nothing of where they differ.
  const key = randomBytes(32);
  const digest = (text: string): Buffer => createHmac('sha256', key).update(text).digest();
  const isSame = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));
  const session = digest(`session ${token}`).toString('base64url');
  // Cookies do not tell ports apart.
  const cookieName = (): string => `mirrorfuzz-${port()}`;
  const isBearer = (headers: Headers): boolean => {
    const [, sent] = /^Bearer ([\x21-\x7e]+)$/i.exec(headers.get('authorization') ?? '') ?? [];
    return sent !== undefined && token !== undefined && isSame(sent, token);
  };
  return {
    isOpen: token === undefined,
    mayRead(headers) {
      if (token === undefined || isBearer(headers)) return true;
      const sent = cookiesOf(headers).get(cookieName());
      return sent !== undefined && isSame(sent, session);
    },
    cookieFor: (headers) =>
      isBearer(headers) ? `${cookieName()}=${session}; Path=/; HttpOnly; SameSite=Strict` : undefined,
  };
}

function cookiesOf(headers: Headers): Map<string, string> {
  const pairs = (headers.get('cookie') ?? '').split(';').map((pair) => pair.trim().split('='));
  return new Map(pairs.map(([name = '', ...value]) => [name, value.join('=')]));
}
