// Who sits before the page: a token of the API, kept for this tab and as long as it is open.
//
// It is sent in a header and never in a cookie, so no other page can make the browser send it.

const KEY = "apus.token";
/** The roles of a collector; each may do what those before it may. */
const ROLES = ["read", "operate", "configure"];
let memory = null;
let caller = {};

/** Takes the token out of an address that ends in #token=…, so that it stays neither there nor in the history. */
export function takeTokenFromAddress() {
  const match = /^#token=([\w.~+/=-]+)$/.exec(location.hash);
  if (!match) return;
  setToken(match[1]);
  history.replaceState(null, "", location.pathname);
}

/** The token; null when nobody has logged in, which is enough where everybody may look. */
export function token() {
  if (memory !== null) return memory;
  try {
    memory = sessionStorage.getItem(KEY);
  } catch {
    memory = null;
  }
  return memory;
}

export function setToken(value) {
  memory = value || null;
  try {
    if (memory) sessionStorage.setItem(KEY, memory);
    else sessionStorage.removeItem(KEY);
  } catch {
    // Without storage the token lasts until the page is loaded again.
  }
}

/** Keeps who the server says sits here. */
export function setCaller(value) {
  caller = value;
}

/** Whether the caller has a role of a collector, or a permission of a fleet manager. */
export function may(need) {
  if (ROLES.includes(need)) return ROLES.indexOf(caller.role) >= ROLES.indexOf(need);
  return (caller.permissions ?? []).includes(need);
}
