import Telemetry
import Testing
import Wire

@testable import OTTL

/// Numbers that are the same in every run.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Writes statements at random that are right by grammar.
struct StatementGenerator {
    var random: SeededGenerator

    mutating func pick<Element>(_ choices: [Element]) -> Element {
        choices[Int.random(in: 0..<choices.count, using: &random)]
    }

    mutating func path() -> String {
        pick([
            "name", "kind", "attributes[\"text\"]", "attributes[\"list\"][\(pick([0, 1, 5]))]", "attributes",
            "attributes[\"map\"][\"a\"]", "status.code", "end_time", "start_time_unix_nano", "events",
            "trace_id",
            "resource.attributes[\"host\"]", "cache[\"a\"]", "trace_state[\"a\"]", "span_id.string",
            "kind.string",
            "attributes[\(pick(["name", "kind", "attributes[\"text\"]"]))]", "instrumentation_scope.name",
        ])
    }

    mutating func value(_ depth: Int = 0) -> String {
        guard depth < 3 else { return path() }
        switch Int.random(in: 0..<14, using: &random) {
        case 0: return "nil"
        case 1: return pick(["true", "false"])
        case 2: return "\(Int64.random(in: .min ... .max, using: &random))"
        case 3: return "\(Int.random(in: -3...3, using: &random)).5"
        case 4: return pick(["\"\"", "\"one\"", "\"\\\"\\\\ \\n ü\"", "\"x,y\""])
        case 5: return pick(["0x00", "0x0102030405060708"])
        case 6: return "[\(value(depth + 1)), \(value(depth + 1))]"
        case 7: return "{\"a\": \(value(depth + 1)), \"b\": \(value(depth + 1))}"
        case 8: return "(\(value(depth + 1))) \(pick(["+", "-", "*", "/"])) \(value(depth + 1))"
        case 9: return "-(\(value(depth + 1)))"
        case 10:
            return pick(["Concat([\(value(2))], \"-\")", "Split(name)[\(pick([0, 7]))]", "Int(\(path()))"])
        case 11: return pick(["SPAN_KIND_SERVER", "Apply(\(path()), Int)", "Moment(5)", "Hours(1)"])
        default: return path()
        }
    }

    mutating func condition(_ depth: Int = 0) -> String {
        switch depth < 3 ? Int.random(in: 0..<7, using: &random) : 6 {
        case 0: return "not (\(condition(depth + 1)))"
        case 1: return "(\(condition(depth + 1))) and \(condition(depth + 1))"
        case 2: return "\(condition(depth + 1)) or (\(condition(depth + 1)))"
        case 3: return pick(["true", "false", "Fails()", "IsString(\(value(2)))"])
        default: return "\(value(1)) \(pick(["==", "!=", "<", "<=", ">", ">="])) \(value(1))"
        }
    }

    mutating func statement() -> String {
        let editor = pick(["set(\(path()), \(value()))", "delete_key(attributes, \(value(2)))", "fail()"])
        return Bool.random(using: &random) ? editor : "\(editor) where \(condition())"
    }
}

@Suite struct PropertyTests {
    @Test func `what is printed reads as the same statement`() throws {
        var generator = StatementGenerator(random: SeededGenerator(state: 1))
        for _ in 0..<3000 {
            let text = generator.statement()
            let first = "\(try Parser.statement(text))"
            #expect("\(try Parser.statement(first))" == first, "from \(text)")
        }
    }

    @Test func `printing keeps what a condition means`() throws {
        var generator = StatementGenerator(random: SeededGenerator(state: 2))
        let frame = Frame(Draft.detached(.span), Sample.surroundings)
        func outcome(_ text: String) -> String {
            do {
                let condition = try Condition(parsing: text, context: .span, functions: TestFunctions.set)
                return "\(try condition.holds(frame))"
            } catch let error as OTTLError { return error.message } catch { return "\(error)" }
        }
        for _ in 0..<3000 {
            let text = generator.condition()
            #expect(outcome("\(try Parser.condition(text))") == outcome(text), "from \(text)")
        }
    }

    @Test func `statements neither crash nor spoil telemetry`() throws {
        var generator = StatementGenerator(random: SeededGenerator(state: 3))
        let sample = try Sample.of(.span)
        var ran = 0
        for _ in 0..<3000 {
            let text = generator.statement()
            guard let result = try? sample.run(text) else { continue }
            ran += 1
            for chunk in result.batch.chunks {
                #expect(throws: Never.self, "after \(text)") {
                    try Batch(validating: chunk.bytes, as: .traces)
                }
            }
        }
        #expect(ran > 500)
    }

    @Test func `statements whose condition does not hold leave the very same bytes`() throws {
        var generator = StatementGenerator(random: SeededGenerator(state: 4))
        let sample = try Sample.of(.span)
        for _ in 0..<1000 {
            let text =
                "set(\(generator.path()), \(generator.value())) where kind == 99 and ("
                + "\(generator.condition()))"
            guard let result = try? sample.run(text) else { continue }
            #expect(
                result.batch.chunks.map(\.bytes.array) == sample.batch.chunks.map(\.bytes.array), "\(text)")
        }
    }

    @Test func `random text is refused without a crash`() {
        var generator = StatementGenerator(random: SeededGenerator(state: 5))
        for _ in 0..<5000 {
            var text = Array(generator.statement().unicodeScalars)
            for _ in 0..<Int.random(in: 1...4, using: &generator.random) {
                let place = Int.random(in: 0..<text.count, using: &generator.random)
                switch Int.random(in: 0..<3, using: &generator.random) {
                case 0: text.remove(at: place)
                case 1:
                    text.insert(
                        generator.pick(Array("()[]{}\"\\.,=<0x9aA ü\u{0}".unicodeScalars)), at: place)
                default: text.swapAt(place, Int.random(in: 0..<text.count, using: &generator.random))
                }
                if text.isEmpty { break }
            }
            var scalars = String.UnicodeScalarView()
            scalars.append(contentsOf: text)
            let changed = String(scalars)
            do { _ = try Statement(parsing: changed, context: .span, functions: TestFunctions.set) } catch {
                #expect(error.range.lowerBound <= text.count, "in \(changed)")
            }
        }
    }
}
