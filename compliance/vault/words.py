"""Why a file is not taken, in the language that is spoken now. Who examines files speaks English and knows no Django.

A test keeps the lists complete.
"""

from django.utils.translation import gettext_noop as _

from numbering.sentences import retold

REASONS = (
    _("The file is empty. Choose the file again and upload it."),
    _("The file is too big: at most {most:,} bytes are accepted. Scan or save it with a lower resolution."),
    _("The file is {name}. Accepted are PDF, JPEG and PNG: export it as one of these and upload that."),
    _("The file is not a PDF, JPEG or PNG. Export it as one of these and upload that."),
    _("The file could not be examined now and was not kept. Upload it again in a few minutes."),
    _("The file is damaged or incomplete. Open it, save or print it to a new file, and upload that."),
    _("The file unpacks to far more than a document needs. Scan or save it again with an ordinary resolution."),
    _("The picture has more than 50 million pixels. Scan or save it with a lower resolution."),
    _("The picture is a rare kind of JPEG that browsers do not show. Save it as an ordinary JPEG or as PNG."),
    _("The picture is animated. Save it as a still picture."),
    _("The picture carries a video (motion photo). Export it as a still picture and upload that."),
    _("There is further data behind the picture. Open it, save it as a new file, and upload that."),
    _("There is further data behind the end of the PDF. Print it to a new PDF and upload that."),
    _("The PDF does not begin with the first byte of the file. Print it to a new PDF and upload that."),
    _("The file is of two types at once: it also reads as {kind}. Save or print it to a new file and upload that."),
    _("The PDF is protected by a password or by restrictions. Print it to a new PDF and upload that."),
    _("The PDF contains {what}, which is not accepted. Print it to a new PDF and upload that."),
    _("The PDF has no pages. Print it to a new PDF and upload that."),
    _("The malware scanner refused the file. Check the computer that it comes from, and make the file anew."),
    _("The file could not be kept now. Upload it again in a few minutes."),
    _("The file can't be read now. Try again in a few minutes."),
    _("The file is damaged and can't be read any more. Upload it again."),
    _("The file was erased."),
)
#: What a file is that we don't take, what it is besides, or what is in it.
KINDS = (
    _("a HEIC or AVIF picture"),
    _("a video"),
    _("a WebP picture"),
    _("a GIF picture"),
    _("a TIFF picture"),
    _("a bitmap"),
    _("a ZIP archive or an Office document"),
    _("an Office document"),
    _("an archive"),
    _("a program"),
    _("a web page or an SVG picture"),
    _("a script"),
    _("a command to start a program"),
    _("an attached file"),
    _("sound, film or 3D"),
    _("parts that lie in other files"),
    _("a form that sends or fetches data"),
    _("an XFA form"),
    _("an action that runs by itself"),
    _("a web page"),
    _("a PHP program"),
    _("a disk image"),
    _("a DICOM file"),
    _("a second PDF"),
    _("a PDF"),
    _("a ZIP archive"),
)


def in_words(reason: str) -> str:
    """A reason of `examination.reasons`, filled in."""
    return retold(reason, REASONS)
