// The fixed script with node-routeros: prints what each step gave as one JSON document.
// Arguments: host port user password
import { RouterOSAPI } from "node-routeros";

const [host, port, user, password] = process.argv.slice(2);
const users = "/ip/hotspot/user";
const results = {};

/** A connection that has not logged in yet. */
function connection(word) {
  return new RouterOSAPI({ host, port: Number(port), user, password: word, timeout: 10 });
}

async function step(name, work) {
  try {
    results[name] = await work();
  } catch (error) {
    results[name] = error.message;
  }
}

await step("wrong login", () => connection("wrong").connect());
const api = connection(password);
await api.connect();
const only = "=.proplist=name,profile,disabled";
await step("print", () => api.write("/system/identity/print"));
await step("query", () => api.write(`${users}/print`, "?profile=default", "?disabled=true", only));
await step("stack", () => api.write(`${users}/print`, "?name=budi", "?name=siti", "?#|", only));
await step("nothing", () => api.write(`${users}/print`, "?name=nobody"));
await step("count", () => api.write(`${users}/print`, "=count-only="));
await step("add", () => api.write(`${users}/add`, "=name=vc-1", "=limit-uptime=7200", "=comment="));
const id = results.add[0].ret;
await step("duplicate", () => api.write(`${users}/add`, "=name=vc-1"));
await step("set", () => api.write(`${users}/set`, `=.id=${id}`, "=limit-bytes-total=1048576"));
const limits = "=.proplist=name,limit-uptime,limit-bytes-total";
await step("changed", () => api.write(`${users}/print`, "?name=vc-1", limits));
await step("parameter", () => api.write(`${users}/add`, "=name=x", "=uptime-limit=1h"));
await step("reference", () => api.write(`${users}/add`, "=name=x", "=profile=none such"));
await step("command", () => api.write(`${users}/fly`));
await step("menu", () => api.write("/no/such/menu/print"));
await step("remove", () => api.write(`${users}/remove`, `=.id=${id}`));
await step("removed", () => api.write(`${users}/remove`, `=.id=${id}`));
await step("cancel", () => cancelled(api));
await api.close();
process.stdout.write(JSON.stringify(results));

/** Listen, hear of one change, cancel, and use the connection again. */
async function cancelled(open) {
  const heard = new Promise((resolve, reject) => {
    const stream = open.stream([`${users}/listen`, "=.proplist=name"], (error, row) => {
      if (error) reject(error);
      else resolve({ stream, row });
    });
  });
  const made = await open.write(`${users}/add`, "=name=heard");
  const { stream, row } = await heard;
  await stream.stop();
  await open.write(`${users}/remove`, `=.id=${made[0].ret}`);
  return row;
}
