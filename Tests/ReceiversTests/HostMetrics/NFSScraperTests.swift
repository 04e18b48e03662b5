import Testing

@testable import Receivers

@Suite struct NFSScraperTests {
    static let client = """
        net 18 1 17 2
        rpc 4329785 11 4338291
        proc2 18 2 69 0 0 4410 0 0 0 0 0 0 0 0 0 0 0 99 2
        proc3 22 1 4084749 29200 94754 32580 186 47747 7981 8639 0 6356 0 6962 0 7958 0 0 241 4 4 2 39
        proc4 69 3 98 51 54
        """
    static let server = """
        rc 7 6 18622
        fh 5 0 0 0 0
        io 157286400 98
        th 8 0 0.000 0.000
        ra 32 0 0
        net 18628 3 18625 6
        rpc 18628 3 1 2 0
        proc3 22 2 112 0 2719
        proc4 2 2 10853
        proc4ops 72 0 0 0 1098 2
        """

    @Test func `what client and server count is told`() throws {
        let host = try HostFolder(["/proc/net/rpc/nfs": Self.client, "/proc/net/rpc/nfsd": Self.server])
        var scraper = NFSScraper(MetricSwitches())
        let (lines, failures) = scraper.scraped(host.moment())
        #expect(failures.isEmpty)
        let plain = lines.filter { $0.contains("{}") }.map { $0.replacing("system.", with: "") }
        #expect(
            plain == [
                "nfs.net.count{} 18", "nfs.net.udp.count{} 1", "nfs.net.tcp.count{} 17",
                "nfs.net.tcp.connection.count{} 2", "nfs.rpc.count{} 4329785",
                "nfs.rpc.retransmit.count{} 11", "nfs.rpc.authrefresh.count{} 4338291",
                "nfsd.repcache.hits{} 7", "nfsd.repcache.misses{} 6", "nfsd.repcache.nocache{} 18622",
                "nfsd.fh.stale.count{} 5", "nfsd.io.read.count{} 157286400", "nfsd.io.write.count{} 98",
                "nfsd.thread.count{} 8", "nfsd.net.count{} 18628", "nfsd.net.udp.count{} 3",
                "nfsd.net.tcp.count{} 18625", "nfsd.net.tcp.connection.count{} 6", "nfsd.rpc.count{} 18628",
                "nfsd.rpc.bad.count{} 3", "nfsd.rpc.badfmt.count{} 1", "nfsd.rpc.badauth.count{} 2",
                "nfsd.rpc.badclient.count{} 0",
            ])
        let procedure = "procedure.count{rpc.onc.version=3,rpc.onc.procedure.name="
        #expect(lines.contains("system.nfs.\(procedure)GETATTR} 4084749"))
        #expect(lines.contains("system.nfs.\(procedure)COMMIT} 39"))
        #expect(lines.contains("system.nfsd.\(procedure)LOOKUP} 2719"))
        #expect(
            lines.contains(
                "system.nfsd.procedure.count{rpc.onc.version=4,rpc.onc.procedure.name=COMPOUND} 10853"))
        let operation = "operation.count{rpc.onc.version=4,rpc.nfs.operation.name="
        #expect(lines.contains("system.nfs.\(operation)WRITE} 51"))
        #expect(lines.contains("system.nfsd.\(operation)ACCESS} 1098"))
    }

    @Test func `a host without NFS has nothing to tell, and a file that is none is counted`() throws {
        let host = try HostFolder()
        var scraper = NFSScraper(try MetricSwitches(yaml: "system.nfs.net.count: {enabled: false}"))
        #expect(scraper.scraped(host.moment()).lines.isEmpty)
        #expect(scraper.scraped(host.moment()).failures.isEmpty)
        try host.write(
            "net\nnet x y\nrpc 1\nproc3\nproc3 2 99999999999999999999999 1\n", to: "/proc/net/rpc/nfs")
        #expect(scraper.scraped(host.moment()).lines == ["system.nfs.rpc.count{} 1"])
        try host.write("nonsense", to: "/proc/net/rpc/nfs")
        let failures = scraper.scraped(host.moment()).failures
        #expect(failures.points == NFSMetric.allCases.count - 1)
        #expect(failures.first == "cannot use \(host.path)/proc/net/rpc/nfs: it does not count requests")
    }
}
