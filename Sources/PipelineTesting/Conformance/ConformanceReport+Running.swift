internal import Pipeline
internal import Telemetry
internal import Wire

extension ConformanceReport {
    /// What a processor does with an empty batch, with samples, and when the pipeline stops.
    mutating func checkStep<Step: Holder>(_ signal: Signal, _ make: (Harness) throws -> Step) {
        do {
            let surroundings = Harness()
            var step = StepHarness(try make(surroundings), in: surroundings)
            let nothing = try step.send(Batch(signal: signal)) + step.drain()
            expect(nothing.isEmpty, "makes \(signal) out of an empty batch")
            for sample in [try Samples.batch(signal), try Samples.complete(signal)] {
                checkSample(sample, &step)
            }
        } catch {
            fail("does not take \(signal): \(error)")
        }
    }

    private mutating func checkSample<Step: Holder>(_ sample: Batch, _ step: inout StepHarness<Step>) {
        let signal = sample.signal
        let before = sample.contiguous().array
        let removedBefore = step.removed.values.reduce(0, +)
        do {
            let passed = try step.send(sample)
            expect(
                Step.holds || step.deadline == nil, "says that it keeps nothing, and has a deadline")
            let batches = passed + step.drain()
            expect(step.drain().isEmpty && step.deadline == nil, "keeps \(signal) after it was drained")
            expect(sample.contiguous().array == before, "changes \(signal) that somebody else can see")
            let removed = step.removed.values.reduce(0, +) - removedBefore
            let passedItems = batches.reduce(0) { $0 + $1.itemCount }
            expect(
                passedItems + removed == sample.itemCount,
                "got \(sample.itemCount) \(signal.itemName), passed on \(passedItems), removed \(removed)"
            )
            for batch in batches { checkValid(batch, signal) }
        } catch {
            fail("refuses \(signal): \(error)")
        }
    }

    /// What came out has to be valid.
    mutating func checkValid(_ batch: Batch, _ signal: Signal) {
        expect(batch.signal == signal, "makes \(batch.signal) out of \(signal)")
        do {
            let again = try Batch(validating: batch.contiguous(), as: batch.signal)
            expect(
                again.itemCount == batch.itemCount,
                "counts \(batch.itemCount) items where there are \(again.itemCount)")
        } catch {
            fail("makes invalid \(batch.signal): \(error)")
        }
    }

    /// Exports one batch that has to be taken, but for some items.
    mutating func checkExport(
        _ batch: Batch, to exporter: some Exporter, rejecting items: Int = 0
    ) async {
        do {
            let outcome = try await exporter.export(batch, on: 0)
            expect(
                outcome.rejectedItems == items,
                "rejects \(outcome.rejectedItems) of the sample \(batch.signal)")
        } catch {
            fail("does not export \(batch.signal): \(error)")
        }
    }
}
