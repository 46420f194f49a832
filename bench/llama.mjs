// Samples with llama.cpp, through node-llama-cpp, timed as `SamplingSpeed` times ours: `llama.mjs GGUF WORKLOAD ROUNDS`
// prints the median of new tokens per second, prompts included in the time. A workload such as `16x32+64` is 16 prompts
// of 32 tokens each, and 64 new ones for each, all at once.
import {getLlama, LlamaLogLevel} from "node-llama-cpp";
import {availableParallelism} from "node:os";

const [file, workload, rounds] = process.argv.slice(2);
const [prompts, length, wanted] = workload.split(/[x+]/).map(Number);
const threads = availableParallelism();
const llama = await getLlama({gpu: false, build: "never", maxThreads: threads, logLevel: LlamaLogLevel.error});
const model = await llama.loadModel({modelPath: file});
const context = await model.createContext({
    sequences: prompts, contextSize: length + wanted + 8, batchSize: 512, threads, flashAttention: process.env.FLASH === "1",
});
const sequences = Array.from({length: prompts}, () => context.getSequence());

async function draw(sequence) {
    const prompt = Array.from({length}, () => Math.floor(Math.random() * 49152));
    await sequence.clearHistory();
    let count = 0;
    for await (const _ of sequence.evaluate(prompt, {temperature: 1, topK: 0, topP: 1, minP: 0, yieldEogToken: true})) {
        if (++count === wanted) break;
    }
    return count;
}

const rates = [];
for (let round = 0; round <= Number(rounds); round++) {
    const start = performance.now();
    const counts = await Promise.all(sequences.map(draw));
    rates.push(counts.reduce((sum, count) => sum + count) / (performance.now() - start) * 1000);
}
const timed = rates.slice(1).sort((one, other) => one - other);
console.log(`llama.cpp ${workload} ${timed[Math.floor(timed.length / 2)].toFixed(1)}`);
process.exit(0);
