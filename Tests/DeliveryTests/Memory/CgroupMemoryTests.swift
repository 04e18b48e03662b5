import Testing

@testable import Delivery

@Suite struct CgroupMemoryTests {
    @Test func `version 1 is found by its controller, with every group above`() {
        let files = CgroupMemory.limitFiles(
            mountInfo: """
                23 1 0:22 / /proc rw,nosuid - proc proc rw
                31 24 0:26 / /sys/fs/cgroup ro,nosuid - tmpfs tmpfs ro,mode=755
                33 31 0:28 / /sys/fs/cgroup/cpu,cpuacct rw shared:8 - cgroup cgroup rw,cpu,cpuacct
                35 31 0:30 / /sys/fs/cgroup/memory rw,nosuid shared:9 - cgroup cgroup rw,memory
                """,
            membership: """
                5:memory:/system.slice/apus.service
                4:cpu,cpuacct:/system.slice
                1:name=systemd:/system.slice/apus.service
                """)
        #expect(
            files == [
                "/sys/fs/cgroup/memory/system.slice/apus.service/memory.limit_in_bytes",
                "/sys/fs/cgroup/memory/system.slice/memory.limit_in_bytes",
                "/sys/fs/cgroup/memory/memory.limit_in_bytes",
            ])
    }

    @Test func `version 2 is found by its file system`() {
        let files = CgroupMemory.limitFiles(
            mountInfo: "35 24 0:30 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate",
            membership: "0::/kubepods/pod1\n")
        #expect(
            files == [
                "/sys/fs/cgroup/kubepods/pod1/memory.max", "/sys/fs/cgroup/kubepods/memory.max",
                "/sys/fs/cgroup/memory.max",
            ])
    }

    @Test func `a container sees its own group at the mount point`() {
        let mounts = """
            700 690 0:30 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory
            701 690 0:31 /docker/abc /sys/fs/cgroup/unified ro - cgroup2 cgroup2 rw
            """
        let inside = CgroupMemory.limitFiles(mountInfo: mounts, membership: "4:memory:/docker/abc\n")
        #expect(inside == ["/sys/fs/cgroup/memory/memory.limit_in_bytes"])
        let elsewhere = CgroupMemory.limitFiles(mountInfo: mounts, membership: "0::/docker/abcdef\n")
        #expect(elsewhere == ["/sys/fs/cgroup/unified/memory.max"])
    }

    @Test func `both versions at once give the files of both`() {
        let files = CgroupMemory.limitFiles(
            mountInfo: """
                35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
                41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
                """,
            membership: "4:memory:/a\n0::/\n")
        #expect(
            files == [
                "/sys/fs/cgroup/memory/a/memory.limit_in_bytes",
                "/sys/fs/cgroup/memory/memory.limit_in_bytes",
                "/sys/fs/cgroup/unified/memory.max",
            ])
    }

    @Test func `a blank in a path is read as one`() {
        let files = CgroupMemory.limitFiles(
            mountInfo: #"35 31 0:32 / /mnt/my\040groups rw - cgroup2 cgroup2 rw"#, membership: "0::/\n")
        #expect(files == ["/mnt/my groups/memory.max"])
    }

    @Test(arguments: [
        ("", ""), ("garbage", "garbage"), ("1 2 3 - cgroup2", "0::/x"),
        ("35 31 0:32 / /c rw - cgroup2 g rw", "::"),
        ("35 31 0:32 / /c rw - cgroup2 g rw", "1:memory:/x"),
    ])
    func `what cannot be understood gives no file`(mountInfo: String, membership: String) {
        #expect(CgroupMemory.limitFiles(mountInfo: mountInfo, membership: membership).isEmpty)
    }

    @Test(
        arguments: [
            ("536870912\n", 536_870_912), ("max\n", nil), ("9223372036854771712\n", nil), ("", nil),
            ("-1", nil),
            ("12x", nil), ("99999999999999999999", nil),
        ] as [(String, Int?)])
    func `a limit is a number, unless there is none`(text: String, limit: Int?) {
        #expect(CgroupMemory.limit(in: text) == limit)
    }
}
