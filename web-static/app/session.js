// Who sits before the page: a token of the API, kept for this tab and as long as it is open.
//
// It is sent in a header and never in a cookie, so no other page can make the browser send it.

const KEY = "apus.token";
let memory = null;

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
