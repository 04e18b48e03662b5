// Where the page begins: finds out what server it is from, lets people log in, and shows the frame around all views.

import { get, onUnauthenticated, Problem } from "./api.js";
import { h, show } from "./element.js";
import { Frame } from "./frame.js";
import { login } from "./login.js";
import { Router } from "./router.js";
import { setCaller, setToken, takeTokenFromAddress } from "./session.js";
import { startTheme } from "./theme.js";
import { problem } from "../ui/problem.js";

const SUBJECTS = {
  collector: () => import("../collector/sections.js"),
  fleet: () => import("../fleet/sections.js"),
};

let router = null;

async function start() {
  startTheme();
  takeTokenFromAddress();
  const { subject } = await get("/page/subject.json");
  const { sections, name } = await SUBJECTS[subject]();
  let caller;
  try {
    caller = await get("/v1/whoami");
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 401) throw error;
    return login(document.body, name, start);
  }
  setCaller(caller);
  const build = await get("/v1/build");
  const frame = new Frame({ name, build, caller, sections, onLogout: leave });
  show(document.body, frame.elements);
  router = new Router(frame.place, sections.flatMap((section) => section.routes), (path) => frame.mark(path));
  await router.go();
}

/** Forgets the token and begins again. */
function leave() {
  router?.stop();
  router = null;
  setToken(null);
  start().catch(fail);
}

function fail(error) {
  show(document.body, h("main", { class: "alone" }, problem(error)));
}

onUnauthenticated(() => {
  if (router) leave();
});

start().catch(fail);
