/** Looks at the cloud once a second and shows what changed. */
import { drawAlarms, drawCalls, drawGroups, drawTraffic, isRunning } from './draw.js';
import { patch } from './tree.js';

const status = document.getElementById('status');
const pause = document.getElementById('pause');
let paused = false;

const put = (section, drawn) => patch(document.querySelector(`#${section} [data-drawn]`), drawn);

/** Read out when it changes: no percentage is in it, which would be read out every second. */
function say(text) {
  if (status.textContent !== text) status.textContent = text;
}

function summaryOf({ ready, groups, alarms }) {
  if (!ready) return 'The cloud starts, or is being reset.';
  const running = groups.flatMap(({ name, refreshes }) =>
    refreshes
      .slice(0, 1)
      .filter(isRunning)
      .map(({ Status }) => `${name}: refresh ${Status}`),
  );
  const loud = alarms.filter((alarm) => alarm.state === 'ALARM').map(({ name }) => `alarm ${name}`);
  const count = `${groups.length} ${groups.length === 1 ? 'group' : 'groups'}`;
  return [...(running.length === 0 ? [`${count}, no refresh is running`] : running), ...loud].join('; ');
}

function show(state) {
  put('groups', drawGroups(state.groups));
  put('traffic', drawTraffic(state.balancers));
  put('alarms', drawAlarms(state.alarms));
  put('refused', drawCalls(state.refused, 'Refused calls, newest first', 'None was refused.'));
  put('calls', drawCalls(state.calls, 'The latest calls, newest first', 'There was none yet.'));
  say(summaryOf(state));
}

async function loadBootLog(details) {
  const answer = await fetch(`boot-log?instance=${encodeURIComponent(details.dataset.bootLog)}`);
  const text = answer.ok ? (await answer.text()) || '(nothing was written yet)' : '(it can not be read)';
  const place = details.querySelector('pre');
  if (place.textContent !== text) place.textContent = text;
}

const loadBootLogs = () =>
  Promise.all([...document.querySelectorAll('details[data-boot-log][open]')].map(loadBootLog));

async function look() {
  if (paused) return;
  try {
    const answer = await fetch('state');
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    const state = await answer.json();
    if (paused) return;
    show(state);
    await loadBootLogs();
  } catch (error) {
    say(`The local cloud does not answer (${error.message}); looking again.`);
  }
}

async function lookOn() {
  await look();
  setTimeout(lookOn, 1000);
}

pause.addEventListener('click', () => {
  paused = !paused;
  pause.setAttribute('aria-pressed', String(paused));
  say(paused ? 'Paused: nothing on this page changes.' : 'Looking …');
  void look();
});
document.addEventListener(
  'toggle',
  ({ target }) => {
    if (target.open && target.dataset.bootLog !== undefined) loadBootLog(target).catch(() => undefined);
  },
  true,
);
void lookOn();
