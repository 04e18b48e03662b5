import Testing

@testable import Exporters

/// A number and how it is written.
private struct Case: Sendable {
    let value: Double
    let text: String
    let json: String

    init(_ value: Double, _ text: String, json: String = "") {
        self.value = value
        self.text = text
        self.json = json
    }
}

@Suite struct DebugNumberTests {
    private static let fixed: [Case] = [
        Case(0, "0.000000"), Case(-0.0, "-0.000000"), Case(1, "1.000000"), Case(0.15, "0.150000"),
        Case(-2.5, "-2.500000"), Case(0.5, "0.500000"), Case(0.9999999, "1.000000"),
        // What the number exactly is decides: the first is a little less than what is written here.
        Case(0.1234565, "0.123456"), Case(5e-7, "0.000000"), Case(5.000001e-7, "0.000001"),
        // Exactly half goes to the even digit.
        Case(0.0078125, "0.007812"), Case(0.0234375, "0.023438"),
        Case(123_456_789.9876543, "123456789.987654"), Case(1e22, "10000000000000000000000.000000"),
        Case(9_007_199_254_740_992, "9007199254740992.000000"), Case(1e23, "99999999999999991611392.000000"),
        Case(.leastNonzeroMagnitude, "0.000000"), Case(1e-30, "0.000000"), Case(.nan, "NaN"),
        Case(.infinity, "+Inf"),
        Case(-.infinity, "-Inf"),
    ]

    private static let shortest: [Case] = [
        Case(0, "0", json: "0"), Case(1.5, "1.5", json: "1.5"), Case(-3, "-3", json: "-3"),
        Case(100, "100", json: "100"), Case(0.0001, "0.0001", json: "0.0001"),
        Case(0.00001, "1e-05", json: "0.00001"), Case(1.25e-7, "1.25e-07", json: "1.25e-7"),
        Case(1e20, "100000000000000000000", json: "100000000000000000000"),
        Case(1e21, "1e+21", json: "1e+21"), Case(1.7e300, "1.7e+300", json: "1.7e+300"),
        Case(0.1, "0.1", json: "0.1"), Case(123456.789, "123456.789", json: "123456.789"),
        Case(.infinity, "+Inf", json: "+Inf"),
    ]

    @Test(arguments: DebugNumberTests.fixed.indices)
    func `six digits after the point are exact`(index: Int) {
        #expect(DebugNumber.fixed(Self.fixed[index].value) == Self.fixed[index].text)
    }

    @Test(arguments: DebugNumberTests.shortest.indices)
    func `the shortest form is that of Go, with fewer exponents in JSON`(index: Int) {
        #expect(DebugNumber.shortest(Self.shortest[index].value) == Self.shortest[index].text)
        #expect(DebugNumber.json(Self.shortest[index].value) == Self.shortest[index].json)
    }

    @Test func `the largest number has all its digits`() {
        let text = DebugNumber.fixed(.greatestFiniteMagnitude)
        #expect(text.count == 309 + 7)
        #expect(text.hasPrefix("17976931348623157081452742373170435679807056752584499659891747680315"))
        #expect(text.hasSuffix("4124858368.000000"))
    }
}
