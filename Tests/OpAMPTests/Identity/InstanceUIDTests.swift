import OpAMP
import Testing

@Suite struct InstanceUIDTests {
    @Test func `an id reads as it is written`() throws {
        let text = "0190a5c8-7b1e-7cc3-98c4-dc0c0c07398f"
        let uid = try #require(InstanceUID(text))
        #expect(uid.description == text)
        #expect(InstanceUID(bytes: uid.bytes) == uid)
    }

    @Test func `a new id says when it was made and that it is of version 7`() {
        let uid = InstanceUID.version7(unixMilliseconds: 0x0190_A5C8_7B1E, random: (.max, .max))
        #expect(uid.description == "0190a5c8-7b1e-7fff-bfff-ffffffffffff")
    }

    @Test(arguments: [
        "", "0190a5c87b1e7cc398c4dc0c0c07398f", "0190a5c8-7b1e-7cc3-98c4-dc0c0c07398",
        "+190a5c8-7b1e-7cc3-98c4-dc0c0c07398f",
    ])
    func `what is no id is refused`(text: String) { #expect(InstanceUID(text) == nil) }
}
