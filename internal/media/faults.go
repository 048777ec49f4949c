package media

import "bando/internal/fault"

// Faults of keeping and reading files.
var (
	ErrNoMedia = fault.New(fault.NotFound, "no_media", fault.Text{
		VI: "Không có tệp này, hoặc tệp chưa được công bố.",
		EN: "There is no such file, or it is not published.",
	})
	ErrLost = fault.New(fault.Gone, "media_lost", fault.Text{
		VI: "Tệp có trong sổ nhưng không còn trên đĩa của máy chủ. Quản trị viên hãy khôi phục thư mục media từ bản sao lưu.",
		EN: "The file is registered but no longer on the server's disk. The administrator should restore the media folder from a backup.",
	})
	ErrFolder = fault.New(fault.Internal, "media_folder", fault.Text{
		VI: "Không dùng được thư mục lưu tệp. Hãy kiểm tra đường dẫn và quyền ghi.",
		EN: "The folder for files cannot be used. Check its path and the right to write there.",
	})
	ErrDiskFull = fault.New(fault.Busy, "disk_full", fault.Text{
		VI: "Ổ đĩa của máy chủ đã đầy nên tệp chưa được lưu. Hãy báo quản trị viên giải phóng dung lượng rồi gửi lại.",
		EN: "The server's disk is full, so the file was not kept. Ask the administrator to free some space, then send it again.",
	})
	ErrTooLarge = fault.New(fault.TooLarge, "media_too_large", fault.Text{
		VI: "Tệp lớn hơn 64 MB. Hãy giảm kích thước ảnh hoặc nén mô hình (Draco, meshopt, KTX2) rồi gửi lại.",
		EN: "The file is larger than 64 MB. Make the picture smaller or compress the model (Draco, meshopt, KTX2), then send it again.",
	}).With("max_bytes", MaxBytes)
	ErrEmpty = fault.New(fault.Invalid, "media_empty", fault.Text{
		VI: "Tệp rỗng. Hãy chọn lại tệp.",
		EN: "The file is empty. Choose it again.",
	})
	ErrCutOff = fault.New(fault.Invalid, "upload_cut_off", fault.Text{
		VI: "Đường truyền bị ngắt khi đang gửi tệp; chưa có gì được lưu. Hãy gửi lại.",
		EN: "The connection broke while the file was being sent; nothing was kept. Send it again.",
	})
	ErrType = fault.New(fault.Unsupported, "media_type", fault.Text{
		VI: "Loại tệp này không được nhận. Hãy gửi ảnh JPEG, PNG, WebP, mô hình GLB hoặc tài liệu PDF.",
		EN: "This type of file is not taken. Send a JPEG, PNG or WebP picture, a GLB model or a PDF document.",
	})
	ErrPicture = fault.New(fault.Invalid, "picture_damaged", fault.Text{
		VI: "Ảnh bị hỏng hoặc thiếu phần cuối. Hãy mở thử trên máy của bạn, lưu lại rồi gửi lại.",
		EN: "The picture is damaged or cut short. Open it on your own device, save it anew and send it again.",
	})
	ErrPictureHuge = fault.New(fault.Invalid, "picture_too_many_pixels", fault.Text{
		VI: "Ảnh có hơn 200 triệu điểm ảnh. Hãy thu nhỏ rồi gửi lại.",
		EN: "The picture has more than 200 million pixels. Make it smaller and send it again.",
	})
	ErrPictureHeavy = fault.New(fault.Invalid, "picture_too_heavy", fault.Text{
		VI: "Ảnh cần hơn 512 MB bộ nhớ để giải mã. Hãy thu nhỏ hoặc lưu lại thành JPEG thường (không “progressive”) rồi gửi lại.",
		EN: "The picture takes more than 512 MB of memory to decode. Make it smaller or save it as an ordinary JPEG (not progressive), then send it again.",
	}).With("max_bytes", maxDecodeBytes)
	ErrScans = fault.New(fault.Invalid, "picture_too_many_scans", fault.Text{
		VI: "Ảnh JPEG có quá nhiều lượt quét. Hãy lưu lại thành JPEG thường rồi gửi lại.",
		EN: "The JPEG has too many scans. Save it as an ordinary JPEG and send it again.",
	}).With("max_scans", maxScans)
	ErrAnimated = fault.New(fault.Invalid, "picture_animated", fault.Text{
		VI: "Không nhận ảnh động. Hãy lưu một khung hình thành ảnh JPEG, PNG hoặc WebP rồi gửi lại.",
		EN: "Animated pictures are not taken. Save one frame as a JPEG, PNG or WebP picture and send it again.",
	})
	ErrPicturesBusy = fault.New(fault.Busy, "pictures_busy", fault.Text{
		VI: "Máy chủ đang xử lý nhiều ảnh. Hãy thử lại sau ít phút.",
		EN: "The server is working on many pictures. Try again in a few minutes.",
	})
	ErrUnshown = fault.New(fault.Gone, "picture_unshown", fault.Text{
		VI: "Ảnh này không giải mã được nên không có bản để xem. Người gửi hãy lưu lại ảnh rồi gửi lại.",
		EN: "This picture cannot be decoded, so there is no copy to show. Who sent it should save it anew and send it again.",
	})
	ErrSize = fault.New(fault.Invalid, "media_size", fault.Text{
		VI: "Tham số size chỉ dùng cho ảnh và chỉ nhận view hoặc thumb, một lần.",
		EN: "The parameter size is for pictures alone, and takes view or thumb, once.",
	}).WithField("size").With("allowed", []Size{View, Thumb})
	ErrPDF = fault.New(fault.Invalid, "pdf_damaged", fault.Text{
		VI: "Tệp PDF bị hỏng hoặc thiếu phần cuối. Hãy xuất lại rồi gửi lại.",
		EN: "The PDF is damaged or cut short. Export it anew and send it again.",
	})
)

// errModel is the fault of a GLB that cannot be shown; what says which part of it is wrong, for whoever exported it.
func errModel(code string, what fault.Text) *fault.Error {
	return fault.New(fault.Invalid, code, fault.Text{
		VI: "Mô hình GLB không dùng được: " + what.VI + ". Hãy xuất lại thành một tệp GLB (glTF 2.0) đóng gói đầy đủ.",
		EN: "The GLB model cannot be used: " + what.EN + ". Export it again as one self-contained GLB file (glTF 2.0).",
	})
}
