// The same without Spikelet: what the start of Node itself takes.
process.stdout.write(`${JSON.stringify({ imported: 0, spike: 0 })}\n`);
