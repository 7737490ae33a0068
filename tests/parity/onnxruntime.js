// Runs ONNX files that `ocelot convert` wrote in ONNX Runtime, and holds them against Ocelot's own records of the same rows.
// Usage: node onnxruntime.js MODULES ROWS.json (MODEL.onnx RECORDS.jsonl)...
// MODULES is the folder that onnxruntime-node is installed in; ROWS is an array of raw rows.
'use strict';
const fs = require('fs');
const path = require('path');

// Of the size of the numbers themselves: sums of some dozens of terms in another order, and exp and log of another library. Scores of kernels of a
// dot product are differences, whose size is that of what is subtracted: 1.
const TOLERANCE = 1e-12;

const [modules, rowsFile, ...files] = process.argv.slice(2);
const ort = require(path.join(path.resolve(modules), 'onnxruntime-node'));

function close(a, b, scale) {
  return Math.abs(a - b) <= TOLERANCE * Math.max(Math.abs(b), scale);
}

// What a record says that an output of the file must say too: one number a column.
function expected(name, record) {
  if (name === 'outlier_score') return record.outlier_score;
  if (name === 'threshold') return record.threshold;
  if (name === 'decision_value') return record.decision_value;
  if (name === 'output') return record.output;
  throw new Error(`an output that nobody expects: ${name}`);
}

async function compare(model, recordsFile, rows, level) {
  const records = fs.readFileSync(recordsFile, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
  if (records.length !== rows.length) throw new Error(`${recordsFile} has ${records.length} records of ${rows.length} rows`);
  const session = await ort.InferenceSession.create(model, {graphOptimizationLevel: level, logSeverityLevel: 3});
  const x = new ort.Tensor('float64', Float64Array.from(rows.flat()), [rows.length, rows[0].length]);
  const results = await session.run({x});
  let worst = 0;
  for (const name of session.outputNames) {
    const {data, dims} = results[name];
    const wanted = name === 'threshold' ? '1' : `${rows.length},1`;
    if (dims.join() !== wanted) throw new Error(`${model}: ${name} has shape ${dims}, expected ${wanted}`);
    records.forEach((record, r) => {
      const a = data[name === 'threshold' ? 0 : r];
      const b = expected(name, record);
      // a distance kernel's score stands for itself
      const scale = name === 'outlier_score' && record.threshold !== 0 ? 0 : 1;
      if (!close(a, b, scale)) throw new Error(`${model} (${level}): ${name} of row ${r} is ${a}, expected ${b}`);
      worst = Math.max(worst, Math.abs(a - b) / Math.max(Math.abs(b), scale, Number.MIN_VALUE));
    });
  }
  console.log(`${path.basename(model)}, optimisation ${level}: ${session.outputNames.join(', ')} of ${rows.length} rows, worst ${worst.toExponential(1)}`);
}

(async () => {
  const rows = JSON.parse(fs.readFileSync(rowsFile, 'utf8'));
  if (files.length === 0 || rows.length === 0) throw new Error('nothing to compare');
  for (let k = 0; k < files.length; k += 2)
    for (const level of ['disabled', 'all']) await compare(files[k], files[k + 1], rows, level);
})().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
