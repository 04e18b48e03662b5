import PipelineTesting
import Testing

@testable import Exporters

@Suite struct BackupNamesTests {
    private let day: UInt64 = 86_400_000_000_000

    @Test(arguments: [
        ("/var/log/data.json", "/var/log/data-2020-02-11T20-26-12.000.json"),
        ("data.json", "data-2020-02-11T20-26-12.000.json"), ("/data", "/data-2020-02-11T20-26-12.000"),
        ("logs.d/data", "logs.d/data-2020-02-11T20-26-12.000"),
    ])
    func `the time goes in front of the extension`(path: String, backup: String) {
        #expect(BackupNames(of: path, isLocal: false).free(at: Samples.start) == backup)
    }

    @Test func `only what is a backup of this file is removed, the oldest first`() {
        let names = BackupNames(of: "/d/data.json", isLocal: false)
        let present = [
            "data.json", "data-2020-01-01T00-00-00.000.json", "data-2020-02-01T00-00-00.000.json",
            "data-2020-02-11T00-00-00.000.json", "data-old.json", "other-2019-01-01T00-00-00.000.json",
            "data-2020-01-01T00-00-00.000.json.gz", "data-2020-01-01Tab-00-00.000.json",
        ]
        #expect(names.expired(of: present, keeping: 0, days: 0, at: Samples.start).isEmpty)
        #expect(
            names.expired(of: present, keeping: 1, days: 0, at: Samples.start) == [
                "data-2020-02-01T00-00-00.000.json", "data-2020-01-01T00-00-00.000.json",
            ])
        #expect(
            names.expired(of: present, keeping: 0, days: 30, at: Samples.start) == [
                "data-2020-01-01T00-00-00.000.json"
            ])
    }
}
