import Testing

@testable import Delivery

@Suite struct SystemMemoryTests {
    @Test func `the process has a size, and the machine more`() throws {
        let resident = SystemMemory.resident ?? 0
        #expect(resident > 1 << 20)
        #expect(try SystemMemory.available() > 1 << 20)
    }

    @Test(arguments: [("1000 250 30 4 0 50 0\n", 250), ("", nil), ("7", nil)] as [(String, Int?)])
    func `the size is the second number`(statm: String, pages: Int?) {
        #expect(SystemMemory.residentPages(in: statm) == pages)
    }
}
