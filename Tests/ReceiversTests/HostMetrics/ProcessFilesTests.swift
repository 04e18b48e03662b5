import Testing

@testable import Receivers

@Suite struct ProcessFilesTests {
    /// A line of `/proc/PID/stat`.
    static func statistics(
        state: String = "S", name: String = "bash", parent: Int = 1, user: Int = 250, start: Int = 50_000
    ) -> String {
        "42 (\(name)) \(state) \(parent) 42 42 0 -1 4194560 11 0 3 0 \(user) 150 0 0 20 0 4 0 \(start) "
            + "8192000 512 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 0 0 0 25 0 0 0 0 0 0 0 0 0 0\n"
    }

    @Test func `a name may look like anything`() throws {
        for name in ["bash", "a) R 7 (b", "", "a b", "((("] {
            let text = KernelText(Array(Self.statistics(name: name).utf8))
            let process = try #require(ProcessStatistics(text))
            #expect(process.state == "S")
            #expect(process.parent == 1)
            #expect(process.minorFaults == 11)
            #expect(process.majorFaults == 3)
            #expect(process.userTime == 250)
            #expect(process.systemTime == 150)
            #expect(process.start == 50_000)
            #expect(process.waitTime == 25)
        }
    }

    @Test(arguments: [
        "", "42", "42 (bash)", "42 (bash) S 1 2 3", "42 (bash) S x 42 42 0 -1 4 1 0 0 0 1 1 0 0 20 0 1 0 5",
    ])
    func `statistics that are none are refused`(text: String) {
        #expect(ProcessStatistics(KernelText(Array(text.utf8))) == nil)
    }

    @Test func `every prefix of a file can be read`() {
        let files = [
            Self.statistics(), CPUScraperTests.statistics, CPUScraperTests.information,
            DeviceScraperTests.disks,
            DeviceScraperTests.interfaces, DeviceScraperTests.connections, SystemScraperTests.memory,
            MountTests.mounts,
        ]
        for file in files {
            let bytes = Array(file.utf8)
            for length in bytes.indices {
                let text = KernelText(Array(bytes[..<length]))
                _ = ProcessStatistics(text)
                _ = ProcessStatus(text).pendingSignals
                _ = CommandLine(text).arguments
                _ = UserNames(text)[0]
                _ = SystemStatistics(text)
                _ = ProcessorInformation.all(in: text)
                _ = MemoryInformation(text)?.states
                _ = DiskStatistics.all(in: text)
                _ = SwapArea.all(in: text)
                _ = NetworkInterface.all(in: text)
                _ = Mount.all(in: text)
                var states = ConnectionStates()
                for line in text.lines { states.add(line) }
            }
        }
    }

    @Test func `the list of processes is bounded`() {
        let list = ProcessList(["30", "self", "7", "1x", "", "100"], limit: 2)
        #expect(list.ids == [7, 30])
        #expect(list.excess == 1)
    }

    @Test func `a name that was cut is completed`() {
        let command = CommandLine(KernelText(Array("/usr/bin/a-very-long-name-indeed\0--flag\0".utf8)))
        #expect(command.arguments == ["/usr/bin/a-very-long-name-indeed", "--flag"])
        #expect(command.completed("a-very-long-nam") == "a-very-long-name-indeed")
        #expect(command.completed("something-other") == "something-other")
        #expect(CommandLine(KernelText([])).completed("kworker/0:1-eve") == "kworker/0:1-eve")
    }

    @Test func `status and users are read`() {
        let text = """
            Name:\tbash
            Uid:\t1000\t0\t0\t0
            Threads:\t4
            SigPnd:\t0000000000000001
            ShdPnd:\t0000000000000006
            voluntary_ctxt_switches:\t9
            """
        let status = ProcessStatus(KernelText(Array(text.utf8)))
        #expect(status.name == "bash")
        #expect(status.user == 1000)
        #expect(status.threads == 4)
        #expect(status.pendingSignals == 3)
        #expect(status.voluntarySwitches == 9)
        #expect(status.involuntarySwitches == nil)
        let users = UserNames(
            KernelText(
                Array("root:x:0:0:root:/r:/bin/sh\n#no\nx:y\nann:x:1000:5::/h:/b\nbob:x:1000:5\n".utf8)))
        #expect(users[0] == "root")
        #expect(users[1000] == "ann")
        #expect(users[7] == nil)
    }
}
