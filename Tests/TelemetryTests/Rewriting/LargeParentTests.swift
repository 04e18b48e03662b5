import Testing
import Wire

@testable import Telemetry

/// What is around items is asked and changed once for each of them, without going through all of it.
@Suite struct LargeParentTests {
    /// Log records in a resource with many attributes, two of them twice.
    private static func logs(records: Int) -> Batch {
        var builder = LogsBuilder()
        builder.resource {
            for number in 0..<200 { $0.attribute("k\(number)", .int(Int64(number))) }
            $0.attribute("k5", "again")
            $0.attribute("k150", "again")
        }
        builder.scope("scope")
        for number in 0..<records { builder.record { $0.body(.int(Int64(number))) } }
        return builder.finish()
    }

    private static func eachItem(_ count: Int, _ edit: (Draft) -> Void) -> Batch {
        var batch = Self.logs(records: count)
        batch.rewrite(.record, changesParents: true) { edit($0.resource) }
        return batch
    }

    @Test func `an attribute that is not there is looked for once to be taken out`() {
        _ = Self.eachItem(2) { resource in
            #expect(!resource.removeAttribute(Bytes(utf8: "one")) && !resource.remove("two"))
            #expect(resource.lookups?.attributes[Array("one".utf8)] == .some(nil))
            #expect(resource.lookups?.attributes[Array("two".utf8)] == .some(nil))
        }
    }

    @Test func `an attribute that each item takes out and sets is looked for once`() throws {
        var number = Int64(0)
        let batch = Self.eachItem(4) { resource in
            number += 1
            #expect(resource.removeAttribute(Bytes(utf8: "k150")))
            #expect(resource.lookups?.attributes[Array("k150".utf8)] == .some(nil))
            resource.set("k150", .int(number))
            let index = resource.lookups?.attributes[Array("k150".utf8)]
            #expect(index == resource.slots.count - 1)
        }
        let resource = try #require(batch.resourceLogs.map { $0.resource }.first)
        #expect(resource.attributes.filter { $0.key == "k150" }.map { $0.value.text } == ["4"])
    }

    @Test func `a field is looked for once to be set and taken out`() {
        var number = UInt64(0)
        _ = Self.eachItem(3) { resource in
            number += 1
            #expect(!resource.removeField(3))
            #expect(resource.lookups?.fields[3] == .some(nil))
            #expect(resource.setField(2, .unsigned(number)))
            #expect(resource.lookups?.fields[2] == resource.slots.count - 1)
            #expect(resource.unsigned(2) == number)
        }
    }

    @Test(arguments: 0..<40)
    func `whatever items do to a resource, it is read as it is`(_ seed: UInt64) {
        var model = Dictionary(uniqueKeysWithValues: (0..<200).map { ("k\($0)", "\($0)") })
        var random = SplitMix(state: seed)
        _ = Self.eachItem(50) { resource in
            let key = "k\(random.next() % 400)"
            switch random.next() % 4 {
            case 0:
                #expect(resource.remove(AttributeKey(key)) == (model[key] != nil))
                model[key] = nil
            case 1:
                resource.set(AttributeKey(key), "new")
                model[key] = "new"
            case 2:
                if resource.insert(AttributeKey(key), "added") { model[key] = "added" }
            default:
                resource.removeAttributes { name, _ in name == key }
                model[key] = nil
            }
            for key in [key, "k5", "k150", "k\(random.next() % 400)"] {
                #expect(resource.attribute(AttributeKey(key))?.text == model[key])
            }
        }
    }

    @Test func `what stands beside data points and all of them are read once for a metric`() {
        var builder = MetricsBuilder()
        builder.sum("s", .cumulative, isMonotonic: true) { points in
            for _ in 0..<10 { points.point { $0.value(.int(1)) } }
        }
        var batch = builder.finish()
        var addresses: Set<UInt> = []
        var temporalities: [UInt64?] = []
        batch.rewrite(.record) { draft in
            guard let metric = draft.parent, let points = metric.points(in: 7) else { return }
            points.withUnsafeBytes { _ = addresses.insert(UInt(bitPattern: $0.baseAddress)) }
            temporalities.append(metric.unsigned(2, besidePointsIn: 7))
            // What is remembered is what the next data point is told.
            metric.knownData = metric.knownData.map {
                Draft.MetricData(start: $0.start, integers: (9, 0), points: $0.points)
            }
        }
        #expect(addresses.count == 1)
        #expect(temporalities == [2] + Array(repeating: 9, count: 9))
    }
}

/// Random numbers that a seed decides.
private struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ state &>> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed &>> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed &>> 31
    }
}
