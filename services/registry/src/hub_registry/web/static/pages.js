// Everything works without this; with it, some things work better.
import { initAll } from "/static/govuk-frontend.js";

initAll();
