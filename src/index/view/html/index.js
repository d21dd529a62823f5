'use strict';
(() => {
  const PAGE = 256; // rows of index/<N>.json
  const ENOUGH = 500; // a search pauses after so many
  const byId = id => document.getElementById(id);
  const [form, table, count, older, template, spoken] =
    ['filters', 'entries', 'count', 'older', 'entry', 'spoken'].map(byId);

  // ---- copying
  document.addEventListener('click', async event => {
    const button = event.target.closest('.copy');
    if (!button) return;
    const code = button.previousElementSibling;
    let done = 'Copied';
    try {
      await navigator.clipboard.writeText(code.textContent);
    } catch {
      getSelection().selectAllChildren(code);
      done = 'Selected';
    }
    button.textContent = spoken.textContent = done;
    setTimeout(() => { button.textContent = 'Copy'; spoken.textContent = ''; }, 1600);
  });

  if (!form) return;

  // ---- values of the template, as the file was made with them
  const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\ufffe\uffff\u{e0000}-\u{e0fff}]/gu;
  const visible = text => text.replace(/[\t\r\n]/g, ' ').replace(HIDDEN, c => `\\u{${c.codePointAt(0).toString(16)}}`);
  const withoutMiddle = (text, width) => {
    const all = Array.from(text), kept = width - 1;
    if (all.length <= width) return text;
    return [...all.slice(0, Math.ceil(kept / 2)), '\u2026', ...all.slice(all.length - Math.floor(kept / 2))].join('');
  };
  const clipped = text => withoutMiddle(visible(text), 120);
  const there = yes => (yes ? '' : null);
  const cut = ts => {
    const at = ts.indexOf('T');
    return at < 0 ? [ts, ''] : [ts.slice(0, at), ts.slice(at + 1)];
  };
  const value = (row, name) => {
    switch (name) {
      case 'day': return clipped(cut(row.ts)[0]);
      case 'time': return clipped(cut(row.ts)[1].replace(/Z$/, ''));
      case 'short': return withoutMiddle(clipped(row.manifest_sha256), 17);
      case 'state': return row.withdrawn_by === null ? '' : 'withdrawn';
      case 'subject': return row.kind === 'key_change' ? 'new key' : 'manifest';
      case 'no_manifest': return there(row.manifest === null);
      case 'no_bundle': return there(row.bundle === null);
      case 'withheld': return there(row.manifest === null && row.kind === 'export');
      case 'export': case 'withdrawal': case 'key_change': return there(row.kind === name);
      case 'leaf_index': case 'region_seq': case 'withdrawn_by': case 'rekor_log_index':
      case 'ts': case 'region': case 'manifest_sha256': case 'statement_sha256': case 'leaf_hash': case 'key_id':
      case 'manifest': case 'bundle': case 'manifest_key_id': case 'prev_manifest_sha256':
      case 'rekor_uuid': case 'rekor_log': case 'tsa_time':
        return row[name] === null ? null : clipped(String(row[name]));
      default: return null;
    }
  };
  const make = row => {
    const made = template.content.cloneNode(true);
    for (const element of made.querySelectorAll('[data-if]')) {
      if (value(row, element.dataset.if) === null) element.remove();
      else element.removeAttribute('data-if');
    }
    const put = text => text.replace(/\{(\w+)\}/g, (_, name) => value(row, name) ?? '');
    const walker = document.createTreeWalker(made, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const node = walker.currentNode;
      if (node.nodeType === Node.TEXT_NODE) node.data = put(node.data);
      else for (const attribute of node.attributes) attribute.value = put(attribute.value);
    }
    return made.querySelector('tbody');
  };

  // ---- what the site says beyond this file
  const NUMBERS = ['leaf_index', 'region_seq'], TEXTS = ['ts', 'region', 'statement_sha256', 'leaf_hash', 'key_id'];
  const OPEN_NUMBERS = ['withdrawn_by', 'rekor_log_index'];
  const OPEN_TEXTS = ['manifest', 'bundle', 'manifest_key_id', 'prev_manifest_sha256', 'rekor_uuid', 'rekor_log', 'tsa_time'];
  const natural = n => Number.isSafeInteger(n) && n >= 0;
  const isRow = row => row !== null && typeof row === 'object'
    && NUMBERS.every(name => natural(row[name])) && TEXTS.every(name => typeof row[name] === 'string')
    && OPEN_NUMBERS.every(name => (row[name] ??= null) === null || natural(row[name]))
    && OPEN_TEXTS.every(name => (row[name] ??= null) === null || typeof row[name] === 'string')
    && /^[0-9a-f]{64}$/.test(row.manifest_sha256) && ['export', 'withdrawal', 'key_change'].includes(row.kind);
  const cache = new Map();
  const load = async (path, absent) => {
    let answer;
    try {
      answer = await fetch(path, {cache: 'no-cache', redirect: 'error', referrerPolicy: 'no-referrer'});
    } catch {
      throw Error(location.protocol === 'file:'
        ? 'This page was opened as a file and cannot read further ones; serve its folder over HTTP.'
        : `${path} could not be fetched.`);
    }
    if (answer.status === 404 && absent) return absent;
    if (!answer.ok) throw Error(`${path} could not be fetched: HTTP ${answer.status}.`);
    const json = await answer.json().catch(() => null);
    if (json === null || json.version !== 1) throw Error(`${path} is not what it should be.`);
    return json;
  };
  const get = (path, absent) => {
    if (cache.size > 100) cache.clear();
    if (!cache.has(path)) {
      const loading = load(path, absent);
      cache.set(path, loading);
      loading.catch(() => cache.delete(path));
    }
    return cache.get(path);
  };
  const rowsOf = async path => {
    const rows = (await get(path)).entries;
    const fine = Array.isArray(rows) && rows.every((row, i) => isRow(row) && row.leaf_index === rows[0].leaf_index + i);
    if (!fine) throw Error(`${path} is not what it should be.`);
    return rows;
  };
  const pathOf = page => {
    let path = String(page % 1000).padStart(3, '0');
    for (let n = Math.floor(page / 1000); n > 0; n = Math.floor(n / 1000)) {
      path = `x${String(n % 1000).padStart(3, '0')}/${path}`;
    }
    return `index/${path}.json`;
  };
  const pageOf = leaf => rowsOf(pathOf(Math.floor(leaf / PAGE)));
  const leavesOf = async digest => {
    const path = `lookup/${digest.slice(0, 2)}.json`;
    const {entries} = await get(path, {entries: {}});
    const leaves = entries !== null && typeof entries === 'object' && Object.hasOwn(entries, digest) ? entries[digest] : [];
    if (!Array.isArray(leaves) || !leaves.every(natural)) throw Error(`${path} is not what it should be.`);
    return leaves;
  };

  // ---- filters
  const size = Number(table.dataset.size), own = [...table.tBodies], first = size - own.length;
  const fields = ['region', 'from', 'to', 'digest', 'leaf'];
  const number = n => n.toLocaleString('en');
  let round = 0, now;

  const asked = () => {
    const filter = Object.fromEntries(fields.map(name => [name, form.elements[name].value.trim()]));
    filter.digest = filter.digest.toLowerCase().replace(/^sha256:/, '');
    return filter;
  };
  const matches = (filter, leaf, ts, region, sha) => {
    const day = ts.slice(0, 10);
    return (!filter.region || region === filter.region) && (!filter.from || day >= filter.from)
      && (!filter.to || day <= filter.to) && sha.startsWith(filter.digest)
      && (filter.leaf === '' || leaf === Number(filter.leaf));
  };
  const add = row => {
    if ((row.leaf_index >= first && row.leaf_index < size) || now.found.has(row.leaf_index)) return;
    if (!matches(now.filter, row.leaf_index, row.ts, clipped(row.region), row.manifest_sha256)) return;
    const body = make(row);
    const next = [...table.tBodies].find(other => Number(other.dataset.leaf) < row.leaf_index);
    table.insertBefore(body, next ?? null);
    now.found.set(row.leaf_index, body);
  };

  const tell = () => {
    const shown = now.own + now.found.size;
    const entries = n => `${number(n)} ${n === 1 ? 'entry' : 'entries'}`;
    let text;
    if (now.bad) text = 'A digest has hexadecimal digits only, at most 64.';
    else if (now.done && shown === 0) text = `None of ${entries(size)} matches.`;
    else if (now.done) text = now.any ? `${number(shown)} of ${entries(size)} shown: all that match.` : `All ${entries(size)} shown.`;
    else if (!now.any) text = `The newest ${number(shown)} of ${entries(size)} shown.`;
    else text = `${number(shown)} of ${entries(size)} shown: what matches among the newest ${number(size - now.floor)}.`;
    if (now.busy) text += ' Searching\u2026';
    if (now.error) text += ` ${now.error}`;
    if (count.textContent !== text) count.textContent = text;
    older.hidden = now.bad || now.done;
    older.textContent = now.busy ? 'Stop' : now.any ? `Search ${number(now.floor)} older` : 'Show older';
  };

  // Runs a search until another filter, or the person, ends it.
  const working = async work => {
    const mine = ++round;
    now.busy = true;
    now.error = '';
    tell();
    try {
      await work(() => mine === round);
    } catch (error) {
      if (mine === round) now.error = error.message;
    }
    if (mine !== round) return;
    now.busy = false;
    tell();
  };

  // Leaves that are known by number.
  const fetchLeaves = leavesAsked => working(async current => {
    const leaves = await leavesAsked();
    for (const leaf of leaves.filter(leaf => leaf < first || leaf >= size)) {
      const rows = await pageOf(leaf);
      if (!current()) return;
      const row = rows.find(row => row.leaf_index === leaf);
      if (row) add(row);
    }
    if (!current()) return;
    now.done = true;
    const bodies = [...table.tBodies].filter(body => !body.hidden);
    if (now.filter.leaf !== '' && bodies.length === 1) bodies[0].querySelector('details').open = true;
  });

  // Times never decrease along the log: nothing from the returned leaf on is of that day or before.
  const behind = async (day, floor, current) => {
    let low = 0, high = Math.ceil(floor / PAGE);
    while (low < high && current()) {
      const middle = Math.floor((low + high) / 2);
      const [row] = await rowsOf(pathOf(middle));
      if (row.ts.slice(0, 10) > day) high = middle;
      else low = middle + 1;
    }
    return Math.min(floor, low * PAGE);
  };

  const below = async floor => {
    const newest = await rowsOf('index.json');
    const covers = newest.length > 0 && newest[0].leaf_index < floor && newest.at(-1).leaf_index >= floor - 1;
    return covers ? newest : pageOf(floor - 1);
  };

  // From the newest entry that is not in this file down to the oldest, or until there are enough.
  const searchOlder = () => working(async current => {
    const {filter} = now, enough = now.found.size + ENOUGH;
    if (filter.to && now.floor > 8 * PAGE) {
      const floor = await behind(filter.to, now.floor, current);
      if (!current()) return;
      now.floor = floor;
      now.done = floor === 0;
    }
    while (current() && now.floor > 0 && now.found.size < enough) {
      const rows = (await below(now.floor)).filter(row => row.leaf_index < now.floor);
      if (!current()) return;
      if (rows.length === 0) throw Error(`Entry ${now.floor - 1} is not where it should be.`);
      for (const row of rows.reverse()) {
        if (filter.from && row.ts.slice(0, 10) < filter.from) now.floor = 0;
        if (now.floor === 0 || now.found.size >= enough) break;
        add(row);
        now.floor = row.leaf_index;
      }
      now.done = now.floor === 0;
      tell();
    }
  });

  const remember = all => {
    const set = fields.map(name => [name, now.filter[name]]).filter(([, text]) => text !== '');
    if (all) set.push(['all', '1']);
    try {
      history.replaceState(null, '', set.length ? `#${new URLSearchParams(set)}` : location.pathname + location.search);
    } catch { /* a page without an address of its own has nothing to remember */ }
  };

  const apply = all => {
    round++;
    now?.found.forEach(body => body.remove());
    const filter = asked();
    now = {filter, found: new Map(), own: 0, floor: first, busy: false, error: ''};
    now.any = fields.some(name => filter[name] !== '');
    now.bad = !/^[0-9a-f]{0,64}$/.test(filter.digest);
    form.elements.digest.setAttribute('aria-invalid', String(now.bad));
    for (const body of own) {
      const {leaf, ts, region, sha} = body.dataset;
      body.hidden = now.bad || !matches(filter, Number(leaf), ts, region, sha);
      if (!body.hidden) now.own++;
    }
    const oldest = own.at(-1).dataset.ts.slice(0, 10);
    now.done = first === 0 || (filter.from !== '' && oldest < filter.from);
    remember(all);
    tell();
    if (now.bad) return;
    if (filter.digest.length === 64) fetchLeaves(() => leavesOf(filter.digest));
    else if (filter.leaf !== '') fetchLeaves(async () => [Number(filter.leaf)].filter(leaf => natural(leaf) && leaf < size));
    else if (all && !now.done) searchOlder();
  };

  // The address may set the filters: #region=EU&from=2026-01-01&digest=3f0c, and all=1 for the older entries too.
  const fromAddress = () => {
    const set = new URLSearchParams(location.hash.slice(1));
    for (const name of fields) {
      const field = form.elements[name], text = set.get(name) ?? '';
      if (name === 'region' && ![...field.options].some(option => option.value === text)) {
        field.add(new Option(clipped(text), text));
      }
      field.value = text;
    }
    apply(set.get('all') === '1');
  };
  const setsFilters = () => location.hash.includes('=');

  form.addEventListener('input', () => apply(false));
  form.addEventListener('submit', event => event.preventDefault());
  form.addEventListener('reset', () => setTimeout(() => apply(false)));
  older.addEventListener('click', () => {
    if (now.busy) {
      round++;
      now.busy = false;
      tell();
    } else {
      remember(true);
      searchOlder();
    }
  });
  const follow = () => {
    fromAddress();
    form.scrollIntoView();
  };
  addEventListener('hashchange', () => {
    if (setsFilters()) follow();
  });
  if (setsFilters()) follow();
  else apply(false);
})();
