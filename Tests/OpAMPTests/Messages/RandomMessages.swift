import OpAMP

/// Messages that a seed determines: all parts, present or not, with odd content.
struct RandomMessages: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func coin() -> Bool { next() & 1 == 1 }

    mutating func number() -> UInt64 {
        switch next() % 4 {
        case 0: 0
        case 1: .max
        default: next() >> (next() % 64)
        }
    }

    mutating func text() -> String {
        let choices = ["", "a", "service.name", "käse", "日本語", "🐦", String(repeating: "x", count: 300), "\0"]
        return choices[Int(next() % UInt64(choices.count))]
    }

    mutating func bytes() -> [UInt8] { (0..<next() % 40).map { _ in UInt8(truncatingIfNeeded: next()) } }

    mutating func uid() -> InstanceUID { InstanceUID(high: next(), low: next()) }

    mutating func maybe<Value>(_ make: (inout Self) -> Value) -> Value? { coin() ? make(&self) : nil }

    mutating func list<Value>(_ make: (inout Self) -> Value) -> [Value] {
        (0..<next() % 4).map { _ in make(&self) }
    }

    mutating func map<Value>(_ make: (inout Self) -> Value) -> [String: Value] {
        var map: [String: Value] = [:]
        for _ in 0..<next() % 4 { map[text()] = make(&self) }
        return map
    }

    mutating func value(depth: Int = 0) -> AnyValue {
        switch next() % (depth < 3 ? 7 : 5) {
        case 0: .string(text())
        case 1: .bool(coin())
        case 2: .int(Int64(bitPattern: number()))
        case 3: .double(Double(next() >> 11) / 8)
        case 4: .bytes(bytes())
        case 5: .array(list { random in random.maybe { $0.value(depth: depth + 1) } })
        default: .keyValues(attributes(depth: depth + 1))
        }
    }

    mutating func attributes(depth: Int = 0) -> [KeyValue] {
        list { random in KeyValue(random.text(), random.maybe { $0.value(depth: depth) }) }
    }

    mutating func configMap() -> AgentConfigMap {
        AgentConfigMap(
            map { AgentConfigObject(body: $0.bytes(), contentType: $0.text(), role: $0.text()) })
    }

    mutating func health(depth: Int = 0) -> ComponentHealth {
        var health = ComponentHealth(
            healthy: coin(), status: text(), lastError: text(), startTime: number(), statusTime: number(),
            components: depth < 3 ? map { $0.health(depth: depth + 1) } : [:])
        health.attributes = attributes()
        return health
    }

    mutating func components(depth: Int = 0) -> [String: ComponentDetails] {
        map { random in
            ComponentDetails(
                metadata: random.attributes(),
                components: depth < 2 ? random.components(depth: depth + 1) : [:])
        }
    }
}
