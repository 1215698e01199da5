// SPDX-License-Identifier: GPL-2.0
/*
 * Plain streams over iroh, whose QUIC has several paths.
 *
 *   node peer_iroh.js server LIB SEED ADDRESS:PORT
 *   node peer_iroh.js client LIB SEED ADDRESS:PORT KEY REQUEST...
 *
 * LIB is its library, SEED the own secret key and KEY the server's public one,
 * 32 bytes in hexadecimal digits.  A stream carries one request: "get N" is
 * answered by N bytes of the text that text() makes, "put N" and N bytes by "ok".
 * Everything is found by addresses that are given: no relay, no discovery.
 *
 * With IROH_LOG in the environment, tells everything.
 */
'use strict';

const [role, lib, seed, address, key, ...requests] = process.argv.slice(2);
const iroh = require(lib);
const ALPN = [...Buffer.from('interop')];
const PERIOD = 4099;
const CHUNK = 8 * PERIOD;

function say(...words) {
	process.stdout.write(words.join(' ') + '\n');
}

/* the same as in plain.py */
const period = Buffer.alloc(PERIOD + CHUNK);
for (let i = 0; i < period.length; i++)
	period[i] = (i % PERIOD * 31 + (i % PERIOD >> 8) * 7) & 255;

function text(at, len) {
	const from = at % PERIOD;

	return period.subarray(from, from + len);
}

async function endpoint() {
	const builder = iroh.Endpoint.builder();

	iroh.presetMinimal(builder);
	builder.relayMode(iroh.RelayMode.disabled());
	builder.secretKey([...Buffer.from(seed, 'hex')]);
	builder.alpns([ALPN]);
	builder.bindAddr(role === 'server' ? address : '0.0.0.0:0');
	return builder.bind();
}

/* what is sent in one piece is always the same: arrays are slow to make */
const piece = [...text(0, CHUNK)];

async function send(stream, count) {
	for (; count > CHUNK; count -= CHUNK)
		await stream.writeAll(piece);
	await stream.writeAll(piece.slice(0, count));
}

async function receive(stream, count) {
	for (let at = 0; at < count;) {
		const got = Buffer.from(await stream.read(CHUNK));

		if (!got.length)
			throw new Error(`end after ${at} of ${count}`);
		if (got.length > CHUNK || !got.equals(text(at, got.length)))
			throw new Error(`wrong byte after ${at}`);
		at += got.length;
	}
}

async function line(stream) {
	let words = '';

	while (!words.endsWith('\n')) {
		const got = await stream.read(1);

		if (!got.length)
			throw new Error('no request');
		words += String.fromCharCode(...got);
	}
	return words.trim().split(' ');
}

async function answer({ send: out, recv: from }) {
	const [what, count] = await line(from);

	say('request', what, count);
	if (what === 'get') {
		await send(out, Number(count));
	} else {
		await receive(from, Number(count));
		await out.writeAll([...Buffer.from('ok')]);
	}
	await out.finish();
}

async function ask({ send: out, recv: from }, request) {
	const [what, count] = request.split(' ');

	await out.writeAll([...Buffer.from(request + '\n')]);
	if (what === 'put')
		await send(out, Number(count));
	await out.finish();
	if (what === 'get')
		await receive(from, Number(count));
	else if (Buffer.from(await from.readToEnd(9)).toString() !== 'ok')
		throw new Error('no ok');
	say('done', request);
}

function show(connection) {
	for (const path of connection.paths())
		say('path', path.id, path.remoteAddr, 'sent',
		    path.stats.udpTxBytes, 'received', path.stats.udpRxBytes);
}

async function serve() {
	const ep = await endpoint();

	say('listens', ep.boundSockets().join(' '));
	for (;;) {
		const incoming = await ep.acceptNext();

		attend(incoming).catch((error) => say('error', error.message));
	}
}

async function attend(incoming) {
	const connection = await (await incoming.accept()).connect();
	const ticker = setInterval(() => show(connection), 500);

	say('connected', Buffer.from(connection.remoteId().toBytes())
		.toString('hex'));
	connection.closed().then((why) => {
		clearInterval(ticker);
		say('closed', why);
	});
	for (;;)
		answer(await connection.acceptBi())
			.catch((error) => say('error', error.message));
}

async function client() {
	const ep = await endpoint();
	const id = iroh.EndpointId.fromBytes([...Buffer.from(key, 'hex')]);
	const there = new iroh.EndpointAddr(id, null, [address]);
	const connection = await ep.connect(there, ALPN);

	for (const request of requests)
		await ask(await connection.openBi(), request);
	show(connection);
	connection.close(7n, [...Buffer.from('thanks')]);
	await ep.close();
	process.exit(0);
}

if (process.env.IROH_LOG)
	iroh.setLogLevel('Trace');
(role === 'server' ? serve() : client()).catch((error) => {
	say('error', error.stack);
	process.exit(1);
});
