import assert from "node:assert/strict";
import { test } from "node:test";

import { token } from "../../src/ronda/web/static/web/csrf.js";

test("the token is found over plain HTTP and over HTTPS, and nowhere else", () => {
  assert.equal(token("theme=dark; csrftoken=abc; x=1"), "abc");
  assert.equal(token("theme=dark; __Host-csrftoken=abc"), "abc");
  assert.equal(token("notcsrftoken=abc"), "");
  assert.equal(token(""), "");
});
