// run.mjs [--jobs N] FILE... - runs test programs that print TAP and adds them up
//
// A FILE ending in .mjs is run by node, one ending in .sh by sh, any other is executed. A program fails when a line says "not ok", when it ends with
// a status other than 0, when its plan and its lines differ in number, when it prints no test at all, and when it takes
// longer than TEST_SECONDS (default 300). "# SKIP reason" counts as skipped; under CI (CI=true) a skip is a failure, but for
// "# SKIP extra: reason": a language or host that the set-up does not bring.
// The last line is the count: N passed, N failed.
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values, positionals: files } = parseArgs({ options: { jobs: { type: 'string', default: '2' } }, allowPositionals: true });
const seconds = Number(process.env.TEST_SECONDS ?? 300);
const total = { passed: 0, failed: 0, skipped: 0 };
const problems = [], skips = [];

/** Adds up one program's TAP; returns the sentences of what failed. */
function judge(output, status, timedOut) {
  const bad = [];
  let plan = null, seen = 0;
  for (const line of output.split('\n')) {
    const test = /^(not )?ok\b\s*\d*\s*(?:-\s*)?(.*)$/.exec(line);
    const planned = /^1\.\.(\d+)\s*(?:#\s*SKIP\b\s*(.*))?/i.exec(line);
    if (/^Bail out!/.test(line)) bad.push(line);
    if (planned) {
      plan = Number(planned[1]);
      if (plan === 0) skip(`${planned[2] || 'no reason given'}`);
    }
    if (!test) continue;
    seen++;
    const skipped = /#\s*SKIP\b\s*(.*)$/i.exec(test[2]);
    if (test[1]) bad.push(test[2]);
    else if (skipped) skip(test[2]);
    else total.passed++;
  }
  function skip(why) {
    if (process.env.CI && !/SKIP extra:|^extra:/i.test(why)) bad.push(`skipped under CI: ${why}`);
    else { total.skipped++; skips.push(why); }
  }
  if (timedOut) bad.push(`took longer than ${seconds} s`);
  else if (status !== 0 && !bad.length) bad.push(`ended with status ${status}`);
  if (plan === null && seen === 0) bad.push('printed no test');
  else if (plan === null) bad.push('printed no plan');
  else if (plan !== seen) bad.push(`planned ${plan} tests, ran ${seen}`);
  return bad;
}

function run(file) {
  const command = file.endsWith('.mjs') ? [process.execPath, file] : file.endsWith('.sh') ? ['sh', file] : [file];
  return new Promise((resolve) => {
    const began = Date.now();
    const child = spawn(command[0], command.slice(1), { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    let out = '', err = '', timedOut = false;
    const timer = setTimeout(() => { timedOut = true; try { process.kill(-child.pid, 'SIGKILL'); } catch { /* it has just ended */ } }, seconds * 1000);
    child.stdout.on('data', (d) => { out += d; });
    child.stderr.on('data', (d) => { err += d; });
    child.on('error', (e) => { err += e.message; });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const before = total.passed;
      const bad = judge(out, signal ?? code, timedOut);
      total.failed += bad.length;
      console.log(`${bad.length ? 'FAIL' : 'pass'}  ${file}  ${total.passed - before} ok, ${((Date.now() - began) / 1000).toFixed(1)} s`);
      if (bad.length) {
        problems.push(...bad.map((b) => `${file}: ${b}`));
        console.log((out + (err && `--- stderr\n${err}`)).split('\n').slice(-80).map((l) => `    ${l}`).join('\n'));
      }
      resolve();
    });
  });
}

const queue = [...files];
await Promise.all(Array.from({ length: Number(values.jobs) }, async () => { while (queue.length) await run(queue.shift()); }));
for (const s of skips) console.log(`skipped: ${s}`);
for (const p of problems) console.log(`failed: ${p}`);
console.log(`${total.passed} passed, ${total.failed} failed${total.skipped ? `, ${total.skipped} skipped` : ''}`);
process.exit(total.failed || !total.passed ? 1 : 0);
