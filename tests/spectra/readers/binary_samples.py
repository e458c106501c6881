"""One small file of each binary or structured format, made from formulas; (name, reader) → bytes."""

from tests.spectra.readers.dm_maker import dm
from tests.spectra.readers.energy_maker import dsp, emsa, spx
from tests.spectra.readers.jcamp_maker import FLAT, Y, jcamp
from tests.spectra.readers.jws_maker import flat_jws, ole_jws
from tests.spectra.readers.photon_maker import COUNTS, phd, phu, ptu, sdt, sif
from tests.spectra.readers.spc_maker import Y as BAND
from tests.spectra.readers.spc_maker import old_spc, spc, xyxy
from tests.spectra.readers.test_image_file import png, tiff
from tests.spectra.readers.test_jcamp import link, pairs
from tests.spectra.readers.vendor_maker import pe_sp, uvprobe
from tests.spectra.readers.workbook_maker import xlsx

TABLE = [["Wavelength (nm)", "Abs"], *([400.0 + i, 0.125 * i] for i in range(12))]
MADE = {
    ("flat.jws", "jasco_jws"): flat_jws(),
    ("ole.jws", "jasco_jws"): ole_jws(),
    ("affn.jdx", "jcamp"): jcamp().encode(),
    ("difdup.jdx", "jcamp"): jcamp(FLAT, "DIFDUP").encode(),
    ("linked.jdx", "jcamp"): link(jcamp(), jcamp(-Y, "PAC")).encode(),
    ("pairs.jdx", "jcamp"): pairs().encode(),
    ("dots.msa", "emsa"): emsa().encode(),
    ("dots.spx", "bruker_spx"): spx(),
    ("dots.dsp", "lambda_spx"): dsp().encode(),
    ("new.spc", "galactic_spc"): spc((BAND, BAND / 2), log="Operator=Team"),
    ("big.spc", "galactic_spc"): spc(order=">"),
    ("old.spc", "galactic_spc"): old_spc(),
    ("own-x.spc", "galactic_spc"): xyxy([([1, 2, 4], [5, 6, 7]), ([10, 20], [0.5, 0.25])]),
    ("uvprobe.spc", "shimadzu_spc"): uvprobe(),
    ("dots.sp", "perkinelmer_sp"): pe_sp(),
    ("dots.xlsx", "workbook"): xlsx({"A": TABLE, "B": TABLE}),
    ("dots.phu", "picoquant_binary"): phu(),
    ("dots.ptu", "picoquant_binary"): ptu(),
    ("dots.phd", "picoquant_binary"): phd(),
    ("dots.sdt", "becker_hickl_sdt"): sdt(),
    ("packed.sdt", "becker_hickl_sdt"): sdt(zipped=True),
    ("dots.sif", "andor_sif"): sif((COUNTS, COUNTS)),
    ("eels.dm3", "gatan_dm"): dm(COUNTS, [256]),
    ("grid.dm4", "gatan_dm"): dm(COUNTS, [16, 16], 4),
    ("grid.png", "image_file"): png(),
    ("grid.tif", "image_file"): tiff(),
}
